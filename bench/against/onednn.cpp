#include "bench/against/onednn.h"

#include <omp.h>

#include <map>
#include <string_view>

namespace rectify::bench {
namespace {

using dnnl::algorithm;

dnnl::memory::desc line(std::size_t n) {
  return {{static_cast<long>(n)}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::a};
}

}  // namespace

std::optional<Eltwise> onednn_form(const activation::Row& row) {
  const activation::Parameters p = row.defaults();
  const auto leaky = [](double a) {
    // Its form from the output wants a slope that is not negative, as ours does.
    return Eltwise{algorithm::eltwise_relu, static_cast<float>(a), 0,
                   algorithm::eltwise_relu_use_dst_for_bwd, "relu with alpha"};
  };
  const auto elu = [](double a, const char* as) {
    return Eltwise{algorithm::eltwise_elu, static_cast<float>(a), 0,
                   algorithm::eltwise_elu_use_dst_for_bwd, as};
  };
  const auto clip = [](float low, float high) {
    return Eltwise{algorithm::eltwise_clip_v2, low, high,
                   algorithm::eltwise_clip_v2_use_dst_for_bwd, "clip_v2"};
  };
  const Eltwise relu = {algorithm::eltwise_relu, 0, 0, algorithm::eltwise_relu_use_dst_for_bwd};
  const std::map<std::string_view, Eltwise> forms = {
      {"identity", {algorithm::eltwise_linear, 1, 0, algorithm::undef, "linear"}},
      {"relu", relu},
      {"leaky_relu", leaky(p[0])},
      {"prelu", leaky(p[0])},
      {"rrelu", leaky((p[0] + p[1]) / 2)},
      {"elu", elu(p[0], "")},
      {"celu", elu(p[0], "elu")},  // the same function for a = 1
      {"gelu", {algorithm::eltwise_gelu_erf, 0, 0, algorithm::undef, "gelu_erf"}},
      {"gelu_tanh", {algorithm::eltwise_gelu_tanh}},
      {"silu", {algorithm::eltwise_swish, static_cast<float>(p[0]), 0, algorithm::undef, "swish"}},
      {"mish", {algorithm::eltwise_mish}},
      {"softplus", {algorithm::eltwise_soft_relu, 0, 0, algorithm::undef, "soft_relu"}},
      {"sigmoid",
       {algorithm::eltwise_logistic, 0, 0, algorithm::eltwise_logistic_use_dst_for_bwd,
        "logistic"}},
      {"tanh", {algorithm::eltwise_tanh, 0, 0, algorithm::eltwise_tanh_use_dst_for_bwd}},
      {"hard_tanh", clip(-1, 1)},
      {"relu6", clip(0, 6)},
      {"hard_swish", {algorithm::eltwise_hardswish, 0, 0, algorithm::undef, "hardswish"}},
      {"noisy_relu", {relu.algorithm, 0, 0, relu.from_output, "relu"}},  // what it is in inference
  };
  const auto found = forms.find(row.name);
  return found == forms.end() ? std::nullopt : std::optional(found->second);
}

OneDnn::OneDnn(const Eltwise& form, Pass pass, std::size_t n)
    : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
  omp_set_num_threads(1);  // of the calling thread: each thread has its own setting
  const dnnl::memory::desc shape = line(n);
  in_ = dnnl::memory(shape, engine_, nullptr);
  dy_ = dnnl::memory(shape, engine_, nullptr);
  out_ = dnnl::memory(shape, engine_, nullptr);
  const bool from_output = pass == Pass::backward_from_output;
  const dnnl::eltwise_forward::primitive_desc forward(
      {dnnl::prop_kind::forward_training, from_output ? form.from_output : form.algorithm, shape,
       form.alpha, form.beta},
      engine_);
  if (pass == Pass::forward) {
    primitive_ = dnnl::eltwise_forward(forward);
    arguments_ = {{DNNL_ARG_SRC, in_}, {DNNL_ARG_DST, out_}};
    return;
  }
  primitive_ = dnnl::eltwise_backward(
      {{from_output ? form.from_output : form.algorithm, shape, shape, form.alpha, form.beta},
       engine_,
       forward});
  arguments_ = {{from_output ? DNNL_ARG_DST : DNNL_ARG_SRC, in_},
                {DNNL_ARG_DIFF_DST, dy_},
                {DNNL_ARG_DIFF_SRC, out_}};
}

void OneDnn::bind(const float* x, const float* dy, float* out) {
  in_.set_data_handle(const_cast<float*>(x));
  dy_.set_data_handle(const_cast<float*>(dy));
  out_.set_data_handle(out);
}

void OneDnn::run() { primitive_.execute(stream_, arguments_); }

std::string onednn_version() {
  const dnnl_version_t* v = dnnl_version();
  return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

}  // namespace rectify::bench

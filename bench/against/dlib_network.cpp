// dlib's side of bench/speed.py: the requests and replies of bench/network.cpp.
//
// As PyTorch is, dlib is spared what Rectify does on top: batches lie ready in its own tensors, so
// that none is converted; losses are not kept; nothing is checked to be finite. The environment
// says which BLAS its products come from and how many threads that has.

#include <dlib/dnn.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/serve.h"
#include "bench/task.h"
#include "rectify/base/error.h"
#include "rectify/model/file.h"
#include "rectify/model/model.h"

namespace rectify::bench {
namespace {

using nlohmann::json;

/// Four layers; their widths are set when it runs.
using Inner = dlib::relu<dlib::fc<
    1000,
    dlib::relu<dlib::fc<1000, dlib::relu<dlib::fc<1000, dlib::input<dlib::matrix<float>>>>>>>>;
using Network = dlib::loss_multiclass_log<dlib::fc<10, Inner>>;

template <class T>
std::vector<T> read(const std::filesystem::path& path) {
  std::vector<T> values(std::filesystem::file_size(path) / sizeof(T));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file) fail("cannot read ", path.string());
  return values;
}

/// Inputs of a batch and its labels, as dlib takes them.
struct Batch {
  dlib::resizable_tensor inputs;
  std::vector<unsigned long> labels;
};

std::vector<Batch> batches_of(const std::filesystem::path& folder, const std::string& prefix,
                              std::int64_t features, std::int64_t batch) {
  const auto inputs = read<float>(folder / (prefix + "inputs.f32"));
  const auto labels = read<std::int64_t>(folder / (prefix + "labels.i64"));
  if (batch == 0) batch = static_cast<std::int64_t>(labels.size());
  const std::size_t count =
      std::min(labels.size() / static_cast<std::size_t>(batch), checked_steps);
  std::vector<Batch> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t first = i * static_cast<std::size_t>(batch);
    all[i].inputs.set_size(batch, 1, features, 1);
    std::copy_n(inputs.data() + first * static_cast<std::size_t>(features), batch * features,
                all[i].inputs.host());
    all[i].labels.assign(labels.begin() + static_cast<std::ptrdiff_t>(first),
                         labels.begin() + static_cast<std::ptrdiff_t>(first) + batch);
  }
  return all;
}

class Session {
 public:
  virtual ~Session() = default;
  virtual json check() = 0;
  virtual Timing time(double seconds) = 0;
};

/// With one of dlib's optimisers.
template <class Solver>
class SessionWith : public Session {
 public:
  SessionWith(const Task& task, const std::filesystem::path& folder, const Solver& solver)
      : task_(task),
        batches_(batches_of(folder, "", task.widths.front(), task.batch)),
        checked_(batches_of(folder, "check_", task.widths.front(), 0)),
        solvers_(Network::num_computational_layers, solver) {
    if (task.widths.size() != 5) fail("this network has 4 layers");
    if (task.precision != "fp32") fail("dlib has no ", task.precision);
    set_widths();
    // Converting samples tells dlib that a row is a sample; a forward pass makes the parameters.
    const dlib::matrix<float> sample = dlib::zeros_matrix<float>(task.widths.front(), 1);
    dlib::resizable_tensor converted;
    network_.to_tensor(&sample, &sample + 1, converted);
    network_.subnet().forward(converted);
    take_weights(folder / "model.safetensors");
  }

  json check() override {
    next_ = 0;
    if (!task_.training) {
      step();
      const dlib::tensor& outputs = network_.subnet().get_output();
      return {{"outputs", std::vector<float>(outputs.begin(), outputs.end())}};
    }
    const double before = loss();
    for (std::size_t i = 0; i < checked_steps; ++i) step();
    return {{"before", before}, {"after", loss()}};
  }

  Timing time(double seconds) override {
    return time_steps(seconds, [this] { step(); });
  }

 private:
  void set_widths() {
    const std::vector<std::int64_t>& w = task_.widths;
    dlib::layer<1>(network_).layer_details().set_num_outputs(w[4]);
    dlib::layer<3>(network_).layer_details().set_num_outputs(w[3]);
    dlib::layer<5>(network_).layer_details().set_num_outputs(w[2]);
    dlib::layer<7>(network_).layer_details().set_num_outputs(w[1]);
  }

  /// dlib keeps a layer's weight, inputs x outputs, and behind it its bias, as Rectify does.
  void take_weights(const std::filesystem::path& path) {
    const model::Model model = model::load_model(path);
    const auto take = [&](dlib::tensor& to, const std::string& label) {
      float* at = to.host();
      for (const char* part : {".weight", ".bias"})
        for (const run::ParameterSlot& slot : model.layout.slots())
          if (slot.label == label + part)
            at = std::copy_n(model.parameters.data() + slot.offset, slot.size, at);
      if (at != to.host() + to.size()) fail(label, " has other parameters in dlib");
    };
    take(dlib::layer<1>(network_).layer_details().get_layer_params(), "dense4");
    take(dlib::layer<3>(network_).layer_details().get_layer_params(), "dense3");
    take(dlib::layer<5>(network_).layer_details().get_layer_params(), "dense2");
    take(dlib::layer<7>(network_).layer_details().get_layer_params(), "dense1");
  }

  void step() {
    const Batch& batch = batches_[next_];
    if (task_.training) {
      network_.compute_parameter_gradients(batch.inputs, batch.labels.begin());
      network_.update_parameters(solvers_, task_.lr);
    } else {
      network_.subnet().forward(batch.inputs);
    }
    next_ = (next_ + 1) % batches_.size();
  }

  double loss() { return network_.compute_loss(checked_[0].inputs, checked_[0].labels.begin()); }

  Task task_;
  std::vector<Batch> batches_, checked_;
  Network network_;
  std::vector<Solver> solvers_;
  std::size_t next_ = 0;
};

std::unique_ptr<Session> open(const Task& task, const std::string& folder) {
  if (task.optimiser == "adam")
    return std::make_unique<SessionWith<dlib::adam>>(task, folder, dlib::adam(0, 0.9f, 0.999f));
  const float momentum = task.optimiser == "momentum" ? 0.9f : 0.0f;
  return std::make_unique<SessionWith<dlib::sgd>>(task, folder, dlib::sgd(0, momentum));
}

class Server {
 public:
  json answer(const json& request) {
    const std::string what = request.at("do");
    if (what == "about") return {{"name", "dlib"}, {"version", RECTIFY_DLIB_VERSION}};
    if (what == "open") {
      session_.reset();
      session_ = bench::open(task_from(request.at("task")), request.at("folder"));
      return json::object();
    }
    if (what == "close") {
      session_.reset();
      return json::object();
    }
    if (!session_) fail("no task is open");
    if (what == "check") return session_->check();
    if (what == "time") return session_->time(request.at("seconds")).json();
    fail("what is '", what, "'?");
  }

 private:
  std::unique_ptr<Session> session_;
};

}  // namespace
}  // namespace rectify::bench

int main() {
  rectify::bench::Server server;
  rectify::bench::serve([&](const nlohmann::json& request) { return server.answer(request); });
}

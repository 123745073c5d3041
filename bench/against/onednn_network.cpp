// oneDNN called directly, for bench/speed.py: the matrix products of a step of bench/network.cpp
// alone, by oneDNN's own threads, as OMP_NUM_THREADS says. No bias, activation, loss or optimiser:
// not a peer that does the same work, but what a step cannot be shorter than with these products.
//
//   {"do": "open", "task": {...}, "setting": {"packed": true}}   weights in oneDNN's favourite
//                                                                format, without counting how they
//                                                                came there
//   {"do": "time", "seconds": S}

#include <dnnl.hpp>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bench/serve.h"
#include "bench/task.h"
#include "rectify/base/error.h"
#include "rectify/run/backend.h"

namespace rectify::bench {
namespace {

using dnnl::memory;
using nlohmann::json;

class Session {
 public:
  Session(const Task& task, bool packed) : packed_(packed) {
    kind_ = task.precision == "bf16" ? memory::data_type::bf16 : memory::data_type::f32;
    for (std::size_t i = 1; i < task.widths.size(); ++i) {
      const long batch = task.batch, in = task.widths[i - 1], out = task.widths[i];
      add({batch, in}, {in, out}, false, false);  // y = x W
      if (!task.training) continue;
      if (i > 1) add({batch, out}, {out, in}, false, true);  // dx = dy W^T
      add({in, batch}, {batch, out}, true, false);           // dW = x^T dy
    }
  }

  Timing time(double seconds) {
    return time_steps(seconds, [this] {
      for (const auto& [primitive, arguments] : products_) primitive.execute(stream_, arguments);
      stream_.wait();
    });
  }

 private:
  using Sides = std::pair<long, long>;

  memory::desc describe(Sides sides, bool transposed) const {
    using Tag = memory::format_tag;
    return {{sides.first, sides.second}, kind_, transposed ? Tag::ba : Tag::ab};
  }

  void add(Sides a, Sides b, bool turn_a, bool turn_b) {
    const bool weights = !turn_a;  // the right factor, of all but the weights' gradients
    memory::desc right = describe(b, turn_b);
    if (packed_ && weights) right = {{b.first, b.second}, kind_, memory::format_tag::any};
    const memory::desc result{{a.first, b.second}, memory::data_type::f32, memory::format_tag::ab};
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::matmul::primitive_desc made(engine_, describe(a, turn_a), right, result);
#else
    const dnnl::matmul::primitive_desc made({describe(a, turn_a), right, result}, engine_);
#endif
    const auto zeros = [&](const memory::desc& of) {
      memory m(of, engine_);
      std::fill_n(static_cast<char*>(m.get_data_handle()), of.get_size(), 0);
      return m;
    };
    products_.push_back({dnnl::matmul(made),
                         {{DNNL_ARG_SRC, zeros(made.src_desc())},
                          {DNNL_ARG_WEIGHTS, zeros(made.weights_desc())},
                          {DNNL_ARG_DST, zeros(made.dst_desc())}}});
  }

  bool packed_;
  memory::data_type kind_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<std::pair<dnnl::matmul, std::unordered_map<int, memory>>> products_;
};

class Server {
 public:
  json answer(const json& request) {
    const std::string what = request.at("do");
    if (what == "about")
      return {{"name", "oneDNN's products alone"}, {"version", run::onednn_version()}};
    if (what == "open") {
      session_.reset();
      session_ = std::make_unique<Session>(task_from(request.at("task")),
                                           request.value("/setting/packed"_json_pointer, false));
      return json::object();
    }
    if (what == "close") {
      session_.reset();
      return json::object();
    }
    if (!session_) fail("no task is open");
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

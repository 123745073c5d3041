// Rectify's side of bench/speed.py: trains or runs networks as its requests say and replies with
// times and losses. Requests and replies are JSON, a line each:
//
//   {"do": "about"}                                     name, version, threads
//   {"do": "export", "task": {...}, "folder": F}        what a peer needs to do the same, into F
//   {"do": "open", "task": {...}, "folder": F, "setting": {"threads": N}}
//   {"do": "check"}     training: the loss before and after 100 steps; inference: outputs
//   {"do": "time", "seconds": S}                        seconds a step, over S seconds of steps
//   {"do": "watch", "on": false}                        training: no counting from now on

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "bench/serve.h"
#include "bench/task.h"
#include "rectify/activation/kernels.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/version.h"
#include "rectify/model/file.h"
#include "rectify/model/fill.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/run/backend.h"
#include "rectify/train/trainer.h"

namespace rectify::bench {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

train::Options options_of(const Task& task) {
  train::Options plain;
  plain.model = task.model();
  plain.batch = static_cast<int>(task.batch);
  plain.optimizer = task.optimiser;
  plain.lr = task.lr;
  plain.epochs = 1000;
  plain.weight_decay = 0;
  plain.schedule = train::Schedule::constant;
  plain.warmup = 0;
  plain.validation = 0;
  plain.precision = parse_name<train::Precision>("precision", task.precision);
  return plain;
}

/// One task, made ready.
class Session {
 public:
  Session(const Task& task, int threads)
      : task_(task),
        threads_(threads),
        dataset_(samples_of(task)),
        trainer_(options_of(task), dataset_, threads_),
        order_(data::epoch_order(trainer_.partition().train, trainer_.options().seed, 0)) {
    if (!task.training) prepare_inference();
  }

  void export_to(const std::filesystem::path& folder) const {
    export_samples(task_, dataset_, order_, trainer_.model().normalisation, folder);
    model::save(folder / "model.safetensors", model::to_file(trainer_.model()));
  }

  void watch(bool on) { trainer_.watch(on); }
  json check() { return task_.training ? check_training() : check_inference(); }

  Timing time(double seconds) {
    if (!task_.training) return time_steps(seconds, [this] { infer(); });
    train_for(seconds / 10);
    return train_for(seconds);
  }

 private:
  /// Steps of training; an epoch is left before its end, so that none is evaluated.
  Timing train_for(double seconds) {
    Timing timing;
    double total = 0;
    while (total < seconds) {
      std::size_t steps = 0;
      Clock::time_point begin;
      double passed = 0;
      trainer_.train_epoch({}, [&] {
        const Clock::time_point now = Clock::now();
        if (steps == 0) begin = now;
        passed = std::chrono::duration<double>(now - begin).count();
        return steps++ == checked_steps || total + passed >= seconds;
      });
      total += passed;
      timing.steps += static_cast<long>(steps) - 1;
    }
    timing.seconds = total / static_cast<double>(timing.steps);
    return timing;
  }

  json check_training() {
    const double before = trainer_.evaluate_test(false).loss;
    std::size_t steps = 0;
    trainer_.train_epoch({}, [&] { return steps++ == checked_steps; });
    return {{"before", before}, {"after", trainer_.evaluate_test(false).loss}};
  }

  void prepare_inference() {
    model_.emplace(trainer_.best_model());
    std::ranges::copy(trainer_.model().parameters.span(), model_->parameters.data());
    plan_ = std::make_unique<run::Plan>(
        model_->graph, model_->layout, model_->parameters.data(), threads_,
        run::PlanOptions{.batch = task_.batch, .keep = {model_->graph.result}});
  }

  void infer() {
    const auto batch = static_cast<std::size_t>(task_.batch);
    model::fill(*plan_, model_->graph, dataset_, dataset_.train,
                std::span(order_).subspan(next_ * batch, batch), model_->normalisation, threads_);
    plan_->run({});
    next_ = (next_ + 1) % checked_steps;
  }

  json check_inference() {
    next_ = 0;
    infer();
    return {{"outputs", plan_->value(model_->graph.result)}};
  }

  Task task_;
  ThreadPool threads_;
  data::Dataset dataset_;
  train::Trainer trainer_;
  std::vector<std::uint32_t> order_;
  std::optional<model::Model> model_;
  std::unique_ptr<run::Plan> plan_;
  std::size_t next_ = 0;
};

json about() {
  return {{"name", "Rectify"},
          {"version", version},
          {"instruction_set", activation::instruction_set()},
          {"compiler", __VERSION__},
          {"onednn", run::onednn_version()},
          {"threads", available_processors()}};
}

class Server {
 public:
  json answer(const json& request) {
    const std::string what = request.at("do");
    if (what == "about") return about();
    if (what == "open" || what == "export") {
      session_.reset();
      const int threads = request.value("/setting/threads"_json_pointer, 0);
      session_ = std::make_unique<Session>(task_from(request.at("task")), threads);
      if (what == "export") session_->export_to(request.at("folder").get<std::string>());
      return json::object();
    }
    if (!session_) fail("no task is open");
    if (what == "check") return session_->check();
    if (what == "time") return session_->time(request.at("seconds")).json();
    if (what == "watch") {
      session_->watch(request.at("on"));
      return json::object();
    }
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

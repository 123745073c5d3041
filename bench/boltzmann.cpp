// Rectify's side of bench/boltzmann.py: one layer of a stack on real data, epoch by epoch. Requests
// and replies are JSON, a line each:
//
//   {"do": "open", "data": SPEC, "layer": "rbm 1000", "batch": B, "samples": N, "profile": false}
//   {"do": "epoch"}      seconds of one, its steps and the operations of their products
//   {"do": "profile"}    with "profile": seconds by operator of all epochs so far

#include <map>
#include <memory>

#include "bench/serve.h"
#include "rectify/base/version.h"
#include "rectify/pretrain/layer_trainer.h"
#include "rectify/run/profile.h"
#include "rectify/run/warm_up.h"

namespace rectify::bench {
namespace {

using nlohmann::json;

/// Floating-point operations of the products of one step: up and down k times, up for the data,
/// and two for the weights.
double product_flops(const pretrain::LayerSpec& layer, double inputs, double batch) {
  const double k = static_cast<double>(layer.attributes.integer("k"));
  return (1 + 2 * k + 2) * 2 * batch * inputs * static_cast<double>(layer.units());
}

class Session {
 public:
  explicit Session(const json& request)
      : dataset_(data::open(request.at("data"), threads_)),
        samples_(std::min(request.at("samples").get<std::size_t>(), dataset_.train.count)),
        layers_(pretrain::parse_stack(request.at("layer"))) {
    if (request.value("profile", false))
      run::observe_steps([this](const run::StepProfile& step) {
        if (step.runs > 0) seconds_[step.op] += step.seconds;
      });
    for (std::size_t i = 0; i < samples_.size(); ++i) samples_[i] = static_cast<std::uint32_t>(i);
    pretrain::Options options;
    options.train.batch = request.at("batch");
    options.train.epochs = 100000;
    options.train.optimizer = "sgd";  // as scikit-learn: no momentum, no decay
    options.train.weight_decay = 0;
    options_ = options;
    normalisation_ = data::normalisation_of(dataset_, samples_, threads_, data::Normaliser::range);
    rows_ = std::make_unique<pretrain::Rows>(dataset_, normalisation_);
    const pretrain::Below below{.inputs = static_cast<std::int64_t>(rows_->width()),
                                .unit = "binary"};
    trainer_ = std::make_unique<pretrain::LayerTrainer>(
        layers_[0], below, *rows_, samples_, std::span(samples_).first(1), options_, 0, threads_);
  }

  json epoch() {
    const pretrain::Record record = *trainer_->train_epoch({}, {});
    const double batch = options_.train.batch;
    const double samples = static_cast<double>(samples_.size());
    return {{"seconds", record.seconds},
            {"steps", std::ceil(samples / batch)},
            {"flops", product_flops(layers_[0], static_cast<double>(rows_->width()), samples)}};
  }

  json profile() const { return seconds_; }

 private:
  ThreadPool threads_{0};
  data::Dataset dataset_;
  std::vector<std::uint32_t> samples_;
  std::vector<pretrain::LayerSpec> layers_;
  pretrain::Options options_;
  data::Normalisation normalisation_;
  std::unique_ptr<pretrain::Rows> rows_;
  std::unique_ptr<pretrain::LayerTrainer> trainer_;
  std::map<std::string, double> seconds_;
};

}  // namespace
}  // namespace rectify::bench

int main() {
  using namespace rectify::bench;
  const rectify::run::WarmUp products;
  std::unique_ptr<Session> session;
  serve([&](const json& request) -> json {
    const std::string what = request.at("do");
    if (what == "open") {
      session.reset();
      session = std::make_unique<Session>(request);
      return {{"version", rectify::version}};
    }
    if (what == "epoch") return session->epoch();
    if (what == "profile") return session->profile();
    throw rectify::Error("what is '" + what + "'?");
  });
}

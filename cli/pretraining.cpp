#include "cli/pretraining.h"

#include <algorithm>
#include <optional>

#include "cli/estimate.h"
#include "cli/pretraining_page.h"
#include "cli/way_back.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/data/images/encode_png.h"
#include "rectify/graph/text.h"
#include "rectify/pretrain/folder.h"
#include "rectify/pretrain/reconstruction.h"
#include "rectify/report/format.h"

namespace rectify::cli {

namespace {

std::string line_of(const pretrain::Record& r) {
  const std::string part = r.layer > 0 ? concat("layer ", r.layer) : "unrolled";
  std::string line = concat(part, ", epoch ", r.epoch, ":");
  if (r.loss) line += concat(" loss ", fixed_text(*r.loss, 5), ",");
  if (r.validation_loss) line += concat(" validation ", fixed_text(*r.validation_loss, 5), ",");
  if (r.free_energy_gap)
    line += concat(" free energy gap ", fixed_text(*r.free_energy_gap, 2), ",");
  return line + concat(" mean ", fixed_text(r.mean_activity, 3), ", zeros ",
                       fixed_text(100 * r.zeros, 0), " %, ", fixed_text(r.seconds, 1), " s");
}

/// How well the layers reproduce the test samples, up and down again.
struct Reproduced {
  std::optional<pretrain::Reconstruction> error;
  std::optional<data::Image> picture;
};

Reproduced reproduce(const pretrain::Pretrainer& pretrainer, ThreadPool& threads) {
  constexpr std::size_t columns = 20;
  const data::Dataset& dataset = pretrainer.dataset();
  if (dataset.test.count == 0) return {};
  const model::Model autoencoder = pretrainer.autoencoder();
  return {.error = pretrain::reconstruct(autoencoder, pretrainer.narrowest(), dataset,
                                         pretrainer.partition().train, threads),
          .picture = pretrain::reconstruction_image(autoencoder, dataset, columns, threads)};
}

Json json_of(const pretrain::Reconstruction& r) {
  Json json{{"test_samples", r.samples},
            {"mean_squared_error", r.mean_squared_error},
            {"squared_error_a_sample", r.a_sample(r.mean_squared_error)},
            {"components", r.components}};
  json["principal_mean_squared_error"] = r.principal_error ? Json(*r.principal_error) : Json();
  json["principal_squared_error_a_sample"] =
      r.principal_error ? Json(r.a_sample(*r.principal_error)) : Json();
  return json;
}

/// "reconstruction of 10000 test samples: squared error 0.0123 a number, 9.64 a sample (30
/// principal components: 0.0171 and 13.41)".
std::string text_of(const pretrain::Reconstruction& r) {
  const auto both = [&](double mean, const char* unit, const char* between) {
    return concat(report::significant_text(mean, 3), unit, between,
                  report::significant_text(r.a_sample(mean), 4));
  };
  std::string text = concat("reconstruction of ", r.samples, " test samples: squared error ",
                            both(r.mean_squared_error, " a number", ", "), " a sample");
  if (r.principal_error)
    text += concat(" (", r.components,
                   " principal components: ", both(*r.principal_error, "", " and "), ")");
  return text + "\n";
}

Json results_of(const pretrain::Pretrainer& pretrainer, const Reproduced& reproduced) {
  Json history = Json::array();
  for (const pretrain::Record& record : pretrainer.history())
    history.push_back(Json::parse(pretrain::to_json(record)));
  return {{"schema", 1},
          {"rectify", version},
          {"config", Json::parse(pretrain::to_json(pretrainer.options()))},
          {"encoder", graph::model_text(pretrainer.encoder().graph)},
          {"reconstruction", reproduced.error ? json_of(*reproduced.error) : Json()},
          {"history", history}};
}

void pretrain_on(const train::RunFolder& folder, pretrain::Pretrainer& pretrainer,
                 Terminal& terminal) {
  const ProgressCallback show = with_estimate(terminal, pretrainer.share_done());
  const StopCallback stop = stop_when_interrupted();
  while (!pretrainer.finished()) {
    if (!pretrainer.train_epoch(show, stop)) throw lab::Stopped("stopped");
    pretrain::save(folder, pretrainer);
    terminal.say(line_of(pretrainer.history().back()));
  }
}

}  // namespace

int pretrain_in(const train::RunFolder& folder, pretrain::Pretrainer& pretrainer,
                ThreadPool& threads, Terminal& terminal) {
  Reproduced reproduced;
  const std::string results =
      with_page(folder, pretrainer, terminal, [&](lab::PretrainingOutcome& outcome) {
        pretrain_on(folder, pretrainer, terminal);
        reproduced = reproduce(pretrainer, threads);
        outcome.reconstruction = reproduced.error;
        if (reproduced.picture)
          write_file(folder.file("reconstructions.png"), data::encode_png(*reproduced.picture));
        const std::string text = results_of(pretrainer, reproduced).dump(2) + "\n";
        write_file(folder.file("results.json"), text);
        return text;
      });
  if (terminal.json) {
    terminal.print(results);
    return exit_done;
  }
  double seconds = 0;
  for (const pretrain::Record& record : pretrainer.history()) seconds += record.seconds;
  if (reproduced.error) terminal.print(text_of(*reproduced.error));
  terminal.print(concat("encoder ", folder.file("model.safetensors").string(), ", ",
                        fixed_text(seconds, 1), " s of training\ngo on with: rectify train --init ",
                        shell_word(folder.path().string()), " --data ",
                        shell_word(pretrainer.options().train.data), "\n"));
  return exit_done;
}

}  // namespace rectify::cli

#include "cli/pretraining.h"

#include "cli/estimate.h"
#include "cli/way_back.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/graph/text.h"
#include "rectify/pretrain/folder.h"

namespace rectify::cli {

namespace {

std::string line_of(const pretrain::Record& r) {
  std::string line = concat("layer ", r.layer, ", epoch ", r.epoch, ":");
  if (r.loss) line += concat(" loss ", fixed_text(*r.loss, 5), ",");
  if (r.validation_loss) line += concat(" validation ", fixed_text(*r.validation_loss, 5), ",");
  if (r.free_energy_gap)
    line += concat(" free energy gap ", fixed_text(*r.free_energy_gap, 2), ",");
  return line + concat(" mean ", fixed_text(r.mean_activity, 3), ", zeros ",
                       fixed_text(100 * r.zeros, 0), " %, ", fixed_text(r.seconds, 1), " s");
}

double share_done(const pretrain::Pretrainer& pretrainer) {
  const std::size_t layer = pretrainer.begun() - 1;
  const pretrain::LayerTrainer& trainer = pretrainer.trainer(layer);
  const double own = static_cast<double>(trainer.epoch()) / trainer.epochs();
  return (static_cast<double>(layer) + own) / static_cast<double>(pretrainer.layers().size());
}

Json results_of(const pretrain::Pretrainer& pretrainer) {
  Json history = Json::array();
  for (const pretrain::Record& record : pretrainer.history())
    history.push_back(Json::parse(pretrain::to_json(record)));
  return {{"schema", 1},
          {"rectify", version},
          {"config", Json::parse(pretrain::to_json(pretrainer.options()))},
          {"encoder", graph::model_text(pretrainer.encoder().graph)},
          {"history", history}};
}

void pretrain_on(const train::RunFolder& folder, pretrain::Pretrainer& pretrainer,
                 Terminal& terminal) {
  const ProgressCallback show = with_estimate(terminal, share_done(pretrainer));
  const StopCallback stop = stop_when_interrupted();
  while (!pretrainer.finished()) {
    if (!pretrainer.train_epoch(show, stop)) throw lab::Stopped("stopped");
    pretrain::save(folder, pretrainer);
    terminal.say(line_of(pretrainer.history().back()));
  }
}

}  // namespace

int pretrain_in(const train::RunFolder& folder, pretrain::Pretrainer& pretrainer,
                Terminal& terminal) {
  const std::string results = with_way_back(folder, [&] {
    pretrain_on(folder, pretrainer, terminal);
    const std::string text = results_of(pretrainer).dump(2) + "\n";
    write_file(folder.file("results.json"), text);
    return text;
  });
  if (terminal.json) {
    terminal.print(results);
    return exit_done;
  }
  double seconds = 0;
  for (const pretrain::Record& record : pretrainer.history()) seconds += record.seconds;
  terminal.print(concat("encoder ", folder.file("model.safetensors").string(), ", ",
                        fixed_text(seconds, 1), " s of training\ngo on with: rectify train --init ",
                        shell_word(folder.path().string()), " --data ",
                        shell_word(pretrainer.options().train.data), "\n"));
  return exit_done;
}

}  // namespace rectify::cli

// A run that is interrupted and resumed ends in the same bits as one that is not.

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/train/optimise/optimiser.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

void train_on(const RunFolder& folder, Trainer& trainer, int epochs) {
  for (int i = 0; i < epochs; ++i) {
    ASSERT_TRUE(trainer.train_epoch());
    save_epoch(folder, trainer);
  }
}

/// The history without what the clock says.
std::vector<std::string> history_of(const RunFolder& folder) {
  std::vector<std::string> lines;
  for (const std::string& line : split(read_file(folder.file("history.jsonl")), '\n')) {
    if (line.empty()) continue;
    EpochRecord record = epoch_from_json(line);
    record.seconds = 0;
    lines.push_back(to_json(record));
  }
  return lines;
}

void expect_same_files(const RunFolder& a, const RunFolder& b, const std::string& what) {
  for (const char* name : {"model.safetensors", "best.safetensors", "state.safetensors"})
    EXPECT_TRUE(read_file(a.file(name)) == read_file(b.file(name))) << what << ": " << name;
  EXPECT_EQ(history_of(a), history_of(b)) << what;
}

/// Everything that has a state: dropout, decay, a schedule with warm-up, a last short batch,
/// running statistics.
Options options_with_state(const std::string& optimizer) {
  Options o = toy_options();
  o.model =
      "2 : dense 16 | batch_norm | residual(relu | dropout 0.2 | dense 16) | dense 12 | layer_norm "
      "| "
      "tanh | dense 2";
  o.optimizer = optimizer;
  o.lr = usual_rate(optimizer);
  o.warmup = 1;
  o.max_norm = 3;
  o.clip_norm = 5;
  o.l1 = 1e-3;
  return o;
}

/// And mixup, an average of the weights, batches that add up.
Options options_with_techniques(const std::string& optimizer) {
  Options o = options_with_state(optimizer);
  o.schedule = Schedule::cosine_restarts;
  o.restart_every = 1;
  o.label_smoothing = 0.1;
  o.mixup = 0.5;
  o.ema = 0.9;
  o.accumulate = 3;
  return o;
}

/// Images of noise, for what moves and cuts them.
data::Dataset images() {
  data::Dataset d;
  d.spec = "images";
  d.sample_shape = Shape{6, 5, 3};
  d.class_names = {"a", "b"};
  std::uint32_t stream = 0;
  for (data::Split* split : {&d.train, &d.test}) {
    const Random random(1, ++stream);
    split->count = 70;
    for (std::size_t i = 0; i < split->count * d.features(); ++i)
      split->bytes.push_back(static_cast<std::uint8_t>(random.below(i, 256)));
    for (std::size_t i = 0; i < split->count; ++i)
      split->labels.push_back(static_cast<std::int32_t>(i % 2));
  }
  return d;
}

TEST(Resume, OfVariedImagesEndsInTheSameBytes) {
  const data::Dataset data = images();
  ThreadPool one(1), two(2);
  for (const double mixup : {0.0, 0.5}) {
    Options options = toy_options();
    options.model = "6x5x3 : conv 4 3x3 | batch_norm | relu | flatten | dense 2";
    options.augment = "crop 2, flip, cutout 3";
    options.mixup = mixup;
    const TemporaryFolder scratch;
    const RunFolder whole = RunFolder::create(scratch / "whole", false);
    const RunFolder parts = RunFolder::create(scratch / "parts", false);
    Trainer uninterrupted(options, data, two);
    train_on(whole, uninterrupted, 4);
    {
      Trainer first(options, data, one);
      train_on(parts, first, 2);
    }
    Trainer second(saved_options(parts), data, two);
    EXPECT_TRUE(resume(parts, second).empty());
    train_on(parts, second, 2);
    expect_same_files(whole, parts, concat("mixup ", mixup));
    options.augment.clear();
    Trainer plain(options, data, two);
    plain.train_epoch();
    EXPECT_NE(plain.history()[0].train_loss, uninterrupted.history()[0].train_loss);
  }
}

TEST(Resume, EndsInTheSameBytesAsAnUninterruptedRun) {
  const data::Dataset data = moons();
  ThreadPool one(1), two(2), three(3);
  std::vector<std::pair<std::string, Options>> cases;
  for (const std::string& optimizer : optimiser_names())
    cases.emplace_back(optimizer, options_with_state(optimizer));
  cases.emplace_back("techniques", options_with_techniques("muon"));
  cases.emplace_back("plateau", options_with_techniques("lion"));
  cases.back().second.schedule = Schedule::plateau;
  cases.back().second.plateau_patience = 1;
  // So that it falls: next to no steps, and no running statistics that improve by themselves.
  cases.back().second.lr = 1e-9;
  cases.back().second.model = "2 : dense 16 | relu | dense 2";
  for (const auto& [what, options] : cases) {
    const TemporaryFolder scratch;
    const RunFolder whole = RunFolder::create(scratch / "whole", false);
    const RunFolder parts = RunFolder::create(scratch / "parts", false);
    Trainer uninterrupted(options, data, two);
    train_on(whole, uninterrupted, 4);
    EXPECT_TRUE(uninterrupted.finished());
    {
      Trainer first(options, data, one);
      train_on(parts, first, 2);
    }
    Trainer second(saved_options(parts), data, three);
    EXPECT_TRUE(resume(parts, second).empty());
    EXPECT_EQ(second.history().size(), 2u);
    EXPECT_FALSE(second.finished());
    train_on(parts, second, 2);
    EXPECT_TRUE(second.finished());
    expect_same_files(whole, parts, what);
    EXPECT_EQ(what == "plateau", second.history()[3].lr < 1e-9 * (1 - 1e-6));
  }
}

TEST(Resume, AfterAStopInTheMiddleOfAnEpochRepeatsThatEpoch) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder scratch;
  const RunFolder whole = RunFolder::create(scratch / "whole", false);
  const RunFolder parts = RunFolder::create(scratch / "parts", false);
  Trainer uninterrupted(options_with_state("adam"), data, threads);
  train_on(whole, uninterrupted, 4);
  {
    Trainer first(options_with_state("adam"), data, threads);
    train_on(parts, first, 1);
    int steps = 0;
    EXPECT_FALSE(first.train_epoch({}, [&] { return ++steps > 5; }));
    EXPECT_EQ(steps, 6);
    EXPECT_EQ(first.history().size(), 1u);
  }
  Trainer second(saved_options(parts), data, threads);
  resume(parts, second);
  train_on(parts, second, 3);
  expect_same_files(whole, parts, "stopped in the middle");
}

TEST(Resume, CutsTheHistoryToWhatTheStateKnows) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder scratch;
  const RunFolder folder = RunFolder::create(scratch / "run", false);
  Trainer first(options_with_state("sgd"), data, threads);
  train_on(folder, first, 2);
  const std::string state = read_file(folder.file("state.safetensors"));
  train_on(folder, first, 1);
  write_file(folder.file("state.safetensors"),
             state);  // as if the third epoch's had not been saved
  Trainer second(saved_options(folder), data, threads);
  resume(folder, second);
  EXPECT_EQ(second.history().size(), 2u);
  train_on(folder, second, 1);
  EXPECT_EQ(history_of(folder).size(), 3u);
  EXPECT_TRUE(same_bits(first.model().parameters.span(), second.model().parameters.span()));
}

TEST(Resume, RefusesOtherDataAndOtherOptions) {
  const data::Dataset data = moons(), other = moons(400, 200, 2);
  ThreadPool threads(2);
  const TemporaryFolder scratch;
  const RunFolder folder = RunFolder::create(scratch / "run", false);
  Trainer trainer(options_with_state("nesterov"), data, threads);
  train_on(folder, trainer, 1);

  Trainer changed_data(saved_options(folder), other, threads);
  const std::string before = model::encode(changed_data.state());
  EXPECT_TRUE(contains(error_of([&] { resume(folder, changed_data); }), "changed"));
  EXPECT_EQ(model::encode(changed_data.state()), before) << "a refused resume must change nothing";

  Options options = saved_options(folder);
  options.lr *= 2;
  Trainer changed_options(options, data, threads);
  EXPECT_TRUE(contains(error_of([&] { resume(folder, changed_options); }), "other options"));

  write_file(folder.file("history.jsonl"), "");
  Trainer short_history(saved_options(folder), data, threads);
  EXPECT_TRUE(contains(error_of([&] { resume(folder, short_history); }), "history"));
}

/// A line of the history without the figures that were added last.
std::string without_newer(Json line) {
  line.erase("updates");
  for (auto& layer : line["layers"]) layer.erase("saturated");
  return line.dump();
}

TEST(Resume, GoesOnFromTheHistoryOfAnOlderProgram) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  const TemporaryFolder scratch;
  const RunFolder whole = RunFolder::create(scratch / "whole", false);
  const RunFolder parts = RunFolder::create(scratch / "parts", false);
  const Options options = options_with_state("adam");
  Trainer all(options, data, threads), first(options, data, threads);
  train_on(whole, all, 3);
  train_on(parts, first, 2);

  std::string older;  // norms without labels, layers without weights
  for (const std::string& line : split(read_file(parts.file("history.jsonl")), '\n')) {
    if (line.empty()) continue;
    auto json = Json::parse(line);
    auto norms = Json::array();
    for (const auto& [weight, norm] : json["gradients"].members()) norms.push_back(norm);
    json["gradients"] = norms;
    for (auto& layer : json["layers"]) layer.erase("weight");
    older += without_newer(std::move(json)) + "\n";
  }
  write_file(parts.file("history.jsonl"), older);

  Trainer second(saved_options(parts), data, threads);
  EXPECT_TRUE(resume(parts, second).empty());
  EXPECT_EQ(second.history()[0].layers[0].weight, "dense1.weight");
  train_on(parts, second, 1);
  std::string lines;  // the first two epochs of the other run without what an older program lacks
  for (const EpochRecord& record : all.history())
    lines +=
        (record.epoch < 3 ? without_newer(Json::parse(to_json(record))) : to_json(record)) + "\n";
  write_file(whole.file("history.jsonl"), lines);
  expect_same_files(whole, parts, "from an older history");
}

TEST(Resume, AnEpochWhoseValidationLossIsNotFiniteLeavesTheStateBefore) {
  // One step an epoch at an absurd rate: the step is taken, what comes of it cannot be evaluated.
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Options options = toy_options();
  options.batch = 400;
  options.lr = 1e30;
  options.model = "2 : dense 16 | relu | dense 12 | relu | dense 2";
  options.optimizer = "sgd";
  const TemporaryFolder scratch;
  const RunFolder folder = RunFolder::create(scratch / "run", false);
  Trainer first(options, data, threads);
  save_epoch(folder, first);
  const std::string before = model::encode(first.state());
  EXPECT_THROW(first.train_epoch(), NonFinite);
  EXPECT_TRUE(first.history().empty());
  Trainer second(saved_options(folder), data, threads);
  EXPECT_EQ(error_of([&] { resume(folder, second); }), "");
  EXPECT_EQ(model::encode(second.state()), before);
}

TEST(RunFolder, IsLockedWhileItIsInUse) {
  const TemporaryFolder scratch;
  {
    const RunFolder folder = RunFolder::create(scratch / "run", false);
    write_file(folder.file("state.safetensors"), "");
    EXPECT_TRUE(contains(error_of([&] { RunFolder::open(scratch / "run"); }), "in use"));
  }
  EXPECT_EQ(error_of([&] { RunFolder::open(scratch / "run"); }), "");
}

TEST(RunFolder, WithContentIsRefusedUnlessForced) {
  const TemporaryFolder scratch;
  std::filesystem::create_directories(scratch / "run");
  write_file(scratch / "run" / "notes.txt", "mine");
  for (const char* name : {"model.safetensors", "autoencoder.safetensors"})
    write_file(scratch / "run" / name, "old");
  EXPECT_TRUE(contains(error_of([&] { RunFolder::create(scratch / "run", false); }), "--force"));
  RunFolder::create(scratch / "run", true);
  EXPECT_EQ(read_file(scratch / "run" / "notes.txt"), "mine") << "somebody else's file";
  for (const char* name : {"model.safetensors", "autoencoder.safetensors"})
    EXPECT_FALSE(std::filesystem::exists(scratch / "run" / name)) << name;
  EXPECT_TRUE(contains(error_of([&] { RunFolder::open(scratch / "nothing"); }), "no folder"));
  write_file(scratch / "file", "x");
  EXPECT_TRUE(contains(error_of([&] { RunFolder::create(scratch / "file", true); }), "a file"));
  EXPECT_TRUE(contains(error_of([&] { RunFolder::open(scratch / "run"); }), "state.safetensors"));
}

TEST(Extend, AFinishedRunEndsAsOneThatWasAskedForAllEpochs) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder folder;
  Options o = toy_options();
  o.schedule = Schedule::constant;
  o.epochs = 5;
  const RunFolder whole = RunFolder::create(folder / "whole", false);
  Trainer all(o, data, threads);
  train_on(whole, all, 5);

  o.epochs = 2;
  const RunFolder parts = RunFolder::create(folder / "parts", false);
  {
    Trainer two(o, data, threads);
    train_on(parts, two, 2);
    EXPECT_TRUE(two.finished());
  }
  EXPECT_EQ(saved_epochs(parts).trained, 2);
  EXPECT_GE(saved_epochs(parts).best, 1);
  o = saved_options(parts);
  o.epochs = 5;
  Trainer more(o, data, threads);
  resume(parts, more);
  EXPECT_FALSE(more.finished());
  train_on(parts, more, 3);
  expect_same_files(whole, parts, "2 and 3 epochs more");
}

TEST(Extend, DoesNotCutARunThatHasTrainedLonger) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Options o = toy_options();
  Trainer trainer(o, data, threads);
  for (int i = 0; i < 3; ++i) trainer.train_epoch();
  const model::TensorFile state = trainer.state();
  o.epochs = 2;
  Trainer shorter(o, data, threads);
  EXPECT_TRUE(contains(error_of([&] { shorter.restore(state, trainer.history()); }), "3 epochs"));
  o.epochs = 9;
  o.lr = 0.123;
  Trainer other(o, data, threads);
  EXPECT_TRUE(
      contains(error_of([&] { other.restore(state, trainer.history()); }), "other options"));
}

TEST(Resume, ReadsAStateThatAnOlderProgramSavedWithoutTheNewerOptions) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Trainer trainer(toy_options(), data, threads);
  trainer.train_epoch();
  model::TensorFile state = trainer.state();
  const Json options = Json::parse(state.metadata.at("options"));
  for (const char* newer : {"normalise", "class_weights"}) EXPECT_FALSE(options.contains(newer));
  Trainer again(toy_options(), data, threads);
  again.restore(state, trainer.history());
  EXPECT_EQ(again.history().size(), 1u);
  Options o = toy_options();
  o.normalise = data::Normaliser::range;
  Trainer other(o, data, threads);
  EXPECT_TRUE(
      contains(error_of([&] { other.restore(state, trainer.history()); }), "other options"));
}

}  // namespace
}  // namespace rectify::train

// revive: a dead unit gets new incoming weights, so that it fires on about half of the samples, and
// outgoing weights of 0, so that the network computes the same. Training on gives it something to
// do: its outgoing weights have a gradient at once.

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/diagnose/heal/units.h"
#include "rectify/diagnose/heal/values.h"
#include "rectify/train/initialise.h"

namespace rectify::diagnose::ops {

namespace {

/// Values of a unit that its median is taken from, about: images have many a sample.
constexpr std::size_t enough_values = 1 << 16;

/// The deviation that new pre-activations get: a part of what is usual, since small weights turn
/// faster in training. A quarter recovered most in docs/healing.md's narrow network: test errors
/// were 4.56, 4.31, 4.29 and 4.30 % with all, a half, a quarter and a tenth of it.
double fresh_deviation(const LayerFigures& figures) {
  const bool some_live = figures.count(Verdict::dead) < std::ssize(figures.units);
  return some_live ? usual_deviation(figures) / 4 : 1;
}

/// The layer's own values for one unit over the samples.
struct Drawn {
  double mean = 0, deviation = 0, median = 0;
  /// Whether they differ by more than rounding.
  bool varies() const { return deviation > 1e-6 * std::abs(mean) && std::isfinite(deviation); }
};

Drawn drawn_of(std::vector<float>& values) {
  Drawn drawn;
  double square = 0;
  for (const float v : values) drawn.mean += v / static_cast<double>(values.size());
  for (const float v : values) square += (v - drawn.mean) * (v - drawn.mean);
  drawn.deviation = std::sqrt(square / static_cast<double>(values.size()));
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  drawn.median = *middle;
  return drawn;
}

std::vector<Drawn> measure(Patient& patient, const Links& links,
                           const std::vector<std::size_t>& units) {
  const graph::Graph& graph = patient.model().graph;
  const auto positions =
      static_cast<std::size_t>(graph.node(links.layer).type.shape.size()) / links.units;
  const auto samples =
      spread_over(patient.samples(), std::max<std::size_t>(enough_values / positions, 16));
  std::vector<std::vector<float>> values(units.size());
  run_over(patient.model(), patient.dataset, patient.dataset.train, samples,
           {links.layer, graph.result}, patient.threads, [&](const run::Plan& plan) {
             const std::span<const float> z = plan.value(links.layer);
             for (std::size_t u = 0; u < units.size(); ++u)
               for (std::size_t i = units[u]; i < z.size(); i += links.units)
                 values[u].push_back(z[i]);
           });
  std::vector<Drawn> drawn;
  for (std::vector<float>& of_unit : values) drawn.push_back(drawn_of(of_unit));
  return drawn;
}

/// One layer that is mended.
class Revival {
 public:
  Revival(Patient& patient, const Links& links, std::span<const float> initial)
      : patient_(patient), links_(links), initial_(initial) {}

  /// Gives the units new incoming weights, and returns those that vary over the samples by them.
  std::vector<std::size_t> revive(const std::vector<std::size_t>& units, double deviation) {
    const model::Model before = copy_of(patient_.model());
    model::Model& model = patient_.change();
    for (const std::size_t unit : units) draw(model, unit);
    const std::vector<Drawn> drawn = measure(patient_, links_, units);
    std::vector<std::size_t> revived;
    for (std::size_t u = 0; u < units.size(); ++u)
      if (drawn[u].varies()) {
        place(model, units[u], drawn[u], deviation);
        silence(model, units[u]);
        revived.push_back(units[u]);
      } else {
        restore(before, model, units[u]);
      }
    return revived;
  }

 private:
  graph::NodeId weight() const { return patient_.model().graph.node(links_.layer).inputs[1]; }

  void set(model::Model& model, graph::NodeId id, std::size_t unit, double value) const {
    if (id >= 0) numbers_of(model, id)[unit] = static_cast<float>(value);
  }

  /// Weights as an initialiser draws them, bias 0.
  void draw(model::Model& model, std::size_t unit) const {
    const std::span<float> w = numbers_of(model, weight());
    const std::size_t offset = model.layout.slot_of(weight()).offset;
    for (std::size_t i = unit; i < w.size(); i += links_.units) w[i] = initial_[offset + i];
    set(model, bias_of(model.graph, links_), unit, 0);
  }

  /// Scales and shifts: the median of the pre-activation becomes 0, its deviation `deviation`.
  void place(model::Model& model, std::size_t unit, const Drawn& drawn, double deviation) const {
    if (links_.norm >= 0) {
      const NormNumbers norm = norm_numbers(model.graph, links_.norm);
      set(model, norm.mean, unit, drawn.mean);
      set(model, norm.variance, unit, drawn.deviation * drawn.deviation);
      set(model, norm.scale, unit, deviation);
      set(model, norm.shift, unit, (drawn.mean - drawn.median) / drawn.deviation * deviation);
      return;
    }
    const graph::NodeId bias = bias_of(model.graph, links_);
    double factor = deviation / drawn.deviation;
    if (bias < 0 && drawn.median < 0) factor = -factor;  // nothing shifts it: let it fire more
    scale_unit(model, {weight()}, links_.units, unit, factor);
    set(model, bias, unit, -drawn.median * factor);
  }

  void silence(model::Model& model, std::size_t unit) const {
    for (const graph::NodeId reader : links_.readers) {
      const ReaderRows rows = reader_rows(model, reader);
      each_in_row(rows, links_.units, unit, [&](std::size_t at) { rows.numbers[at] = 0; });
    }
  }

  void restore(const model::Model& before, model::Model& model, std::size_t unit) const {
    for (const graph::NodeId id : links_.incoming) {
      const std::span<const float> old = numbers_of(before, id);
      const std::span<float> now = numbers_of(model, id);
      for (std::size_t i = unit; i < now.size(); i += links_.units) now[i] = old[i];
    }
  }

  Patient& patient_;
  const Links& links_;
  std::span<const float> initial_;
};

/// What was found of the dead units of a layer.
std::string found_text(Patient& patient, const Links& links, std::size_t silent, std::size_t proven,
                       std::size_t constant) {
  const std::size_t inputs = patient.samples().size();
  const auto units = static_cast<std::int64_t>(links.units);
  std::string text;
  if (silent > 0)
    text = concat(count_of(silent, units), " never fired on ",
                  count_text(static_cast<std::int64_t>(inputs)), " samples (they fire on at most ",
                  short_text(100 * firing_bound(inputs)), " %, at 95 % confidence; ", proven,
                  " proven never to)");
  if (constant > 0)
    text += concat(text.empty() ? "" : "; ", count_of(constant, units),
                   " gave one number other than 0, left alone");
  return text;
}

/// A layer while the mend lasts: how its units fire is known when all layers are done.
struct Revived {
  Links links;
  MendedLayer layer;
};

Revived revive_layer(Patient& patient, const Links& links, std::span<const float> initial,
                     const LayerFigures& figures, const std::vector<bool>& zero) {
  Revived revived{links, {.label = figures.label, .units = static_cast<std::int64_t>(links.units)}};
  MendedLayer& layer = revived.layer;
  const std::vector<std::size_t> silent = silent_units(figures);
  const auto proven = static_cast<std::size_t>(
      std::ranges::count_if(silent, [&](std::size_t unit) { return zero[unit]; }));
  const auto dead = static_cast<std::size_t>(figures.count(Verdict::dead));
  layer.said = found_text(patient, links, silent.size(), proven, dead - silent.size());
  if (silent.empty()) return revived;
  if (!links.refusal.empty()) {
    layer.said += concat("; left alone: ", links.refusal);
    return revived;
  }
  const auto done = Revival(patient, links, initial).revive(silent, fresh_deviation(figures));
  layer.done.assign(done.begin(), done.end());
  if (done.size() < silent.size())
    layer.said += concat("; ", silent.size() - done.size(),
                         " left alone: nothing that varies "
                         "reaches them");
  return revived;
}

/// "they fire on 48.9 to 51.2 % now", or one number where they are the same.
void say_how_they_fire(Patient& patient, Revived& revived) {
  MendedLayer& layer = revived.layer;
  if (layer.done.empty()) return;
  const std::vector<UnitFigures>& units = patient.figures(revived.links.activation).units;
  double least = 1, most = 0;
  for (const std::int64_t unit : layer.done) {
    const double firing = units[static_cast<std::size_t>(unit)].firing;
    least = std::min(least, firing), most = std::max(most, firing);
  }
  const std::string low = fixed_text(100 * least, 1), high = fixed_text(100 * most, 1);
  layer.said += concat("; they fire on ", low, low == high ? "" : " to " + high, " % now");
}

std::vector<MendedLayer> apply(Patient& patient) {
  const model::Model& model = patient.model();
  const std::vector<Links> all = patient.links();
  std::vector<LayerFigures> figures;
  std::vector<std::vector<bool>> zero;
  for (const Links& links : all) {
    figures.push_back(patient.figures(links.activation));
    zero.push_back(patient.proven_zero(links));
  }
  Buffer initial(model.layout.floats());
  train::initialise(model.graph, model.layout, patient.options.seed, "auto", patient.threads,
                    initial.data());
  std::vector<Revived> revived;
  for (std::size_t i = 0; i < all.size(); ++i)
    revived.push_back(revive_layer(patient, all[i], initial.span(), figures[i], zero[i]));
  std::vector<MendedLayer> layers;
  for (Revived& one : revived) {
    say_how_they_fire(patient, one);
    layers.push_back(std::move(one.layer));
  }
  return layers;
}

}  // namespace

std::span<const Mend> revive() {
  static const Mend all[] = {{.name = "revive",
                              .summary = "dead units get new incoming weights, and outgoing ones "
                                         "of 0",
                              .order = 4,
                              .usual = true,
                              .apply = apply}};
  return all;
}

}  // namespace rectify::diagnose::ops

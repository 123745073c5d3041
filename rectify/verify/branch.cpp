#include "rectify/verify/branch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>

#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"
#include "rectify/verify/box.h"
#include "rectify/verify/combine.h"

namespace rectify::verify {

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();
/// Parts that are divided before the queue is looked at again.
constexpr std::size_t parts_at_once = 16;
/// Boxes of more inputs are not halved, nor are functions of them combined.
constexpr std::size_t most_halved_inputs = 32;
/// Numbers and axes that are tried at each division, and numbers that the axes are judged by.
constexpr std::size_t tried_numbers = 3, tried_axes = 2, judging_numbers = 16;
/// A part is thin where it has less than this share of the box's width along an axis.
constexpr double thin_share = 0x1p-26;
/// What all parts in the queue may hold, about.
constexpr std::size_t most_waiting_bytes = std::size_t{1} << 31;

/// Whether a part of a box has less than most of its width along some axis, so that bounds in it
/// are better.
bool is_smaller(const Box& part, const Box& box) {
  constexpr double most = 0.8;
  for (std::size_t i = 0; i < box.lower.size(); ++i)
    if (part.upper[i] - part.lower[i] < most * (box.upper[i] - box.lower[i])) return true;
  return false;
}

struct Division {
  bool decides = false;
  Decision decision;
  std::size_t axis = 0;
};

/// Bounds parts, and finds out how to divide them. One for each thread.
class Examiner {
 public:
  Examiner(const Structure& structure, const Box& whole, std::unique_ptr<PartBound> bound)
      : structure_(structure), whole_(whole), bounder_(structure), bound_(std::move(bound)) {}

  /// Fills in `lower` and `x`, and cuts off what contradicts the decisions.
  void examine(BoxPart& part) {
    part.lower = std::max(part.lower, least_of(part));
    for (std::size_t i = 0; i < part.box.lower.size(); ++i)
      if (part.box.upper[i] - part.box.lower[i] < thin_share * (whole_.upper[i] - whole_.lower[i]))
        part.thin_axis = i;
    if (part.lower < unbounded)
      if (auto guess = bound_->guess(part.box); !guess.empty()) part.x = std::move(guess);
    if (part.x.empty())
      for (std::size_t i = 0; i < part.box.lower.size(); ++i)
        part.x.push_back(part.box.lower[i] + (part.box.upper[i] - part.box.lower[i]) / 2);
  }

  /// The two parts of the best division; none where nothing is left to be divided.
  std::vector<BoxPart> divide(BoxPart& part, double enough, std::size_t& looked_at) {
    // The box may have become smaller since the bound was found.
    const double known = std::max(part.lower, least_of(part));
    if (known >= enough) {
      part.lower = known;
      return {part};
    }
    std::vector<BoxPart> best;
    double best_worse = -unbounded, best_sum = -unbounded;
    for (const Division& division : divisions(part)) {
      std::vector<BoxPart> parts = parts_of(part, division);
      for (BoxPart& half : parts) half.lower = known, examine(half), ++looked_at;
      const double a = std::min(parts[0].lower, enough), b = std::min(parts[1].lower, enough);
      if (!best.empty() &&
          (std::min(a, b) < best_worse || (std::min(a, b) == best_worse && a + b <= best_sum)))
        continue;
      best = std::move(parts), best_worse = std::min(a, b), best_sum = a + b;
      if (best_worse >= enough) break;
    }
    return best;
  }

 private:
  double least_of(BoxPart& part) {
    Box before;
    do {
      before = part.box;
      ranges_ = bounder_.unknown();
      for (const Decision& decision : part.decisions) {
        const std::size_t at = structure_.first[decision.layer] + decision.number;
        (decision.positive ? ranges_.lower : ranges_.upper)[at] = 0;
      }
      if (!bounder_.narrow(part.box, ranges_)) return unbounded;
      if (bounder_.overflows()) return -unbounded;
      if (!part.decisions.empty() && !keep_to_decisions(part)) return unbounded;
    } while (is_smaller(part.box, before));
    return bound_->least(bounder_, ranges_);
  }

  /// Makes the box smaller where a decision cannot be. False where nothing is left.
  bool keep_to_decisions(BoxPart& part) {
    LowerBounds sides;
    bounder_.bound(ranges_, {}, part.decisions, sides);
    sides.count = part.decisions.size(), sides.bound.assign(sides.count, 0.0);
    const Box whole = part.box;
    for (std::size_t k = 0; k < 2 * sides.count; ++k)
      if (!clip(whole, sides, k % sides.count, part.box)) return false;
    if (whole.lower.size() > most_halved_inputs) return true;
    Combination found = combine(whole, sides);
    part.x = std::move(found.x);
    return !found.is_empty;
  }

  bool is_open(std::size_t at) const { return ranges_.lower[at] < 0 && ranges_.upper[at] > 0; }

  std::vector<Division> divisions(const BoxPart& part) {
    const Network& network = structure_.network;
    std::vector<double> scores(structure_.first.back());
    bound_->estimate(scores);
    std::vector<std::pair<double, Decision>> numbers;
    for (std::size_t l = 0; l < network.layers.size(); ++l)
      for (std::size_t i = 0; i < network.layers[l].width && structure_.is_bounded[l]; ++i)
        if (const double score = scores[structure_.first[l] + i];
            score > 0 && (structure_.is_bent[l] || is_open(structure_.first[l] + i)))
          numbers.push_back(
              {score, {static_cast<std::uint32_t>(l), static_cast<std::uint32_t>(i), false}});
    std::ranges::stable_sort(numbers, std::greater(), &std::pair<double, Decision>::first);
    numbers.resize(std::min(numbers.size(), judging_numbers));
    std::vector<Division> all;
    for (const auto& [score, number] : numbers)
      if (all.size() < tried_numbers && is_open(structure_.first[number.layer] + number.number))
        all.push_back({true, number, 0});
    if (network.inputs() <= most_halved_inputs) add_axes(part, numbers, all);
    return all;
  }

  /// Axes along which the numbers that matter change most.
  void add_axes(const BoxPart& part, std::span<const std::pair<double, Decision>> numbers,
                std::vector<Division>& all) {
    const std::size_t inputs = part.box.lower.size();
    std::vector<Decision> judging;
    for (const auto& [score, number] : numbers) judging.push_back(number);
    LowerBounds rows;
    if (!judging.empty()) bounder_.bound(ranges_, {}, judging, rows);
    std::vector<std::pair<double, std::size_t>> axes;
    for (std::size_t i = 0; i < inputs; ++i) {
      const double low = part.box.lower[i], high = part.box.upper[i];
      if (!(high - low > 0x1p-22 * std::max(std::abs(low), std::abs(high)) + 0x1p-148)) continue;
      double score = 0;
      for (std::size_t k = 0; k < judging.size(); ++k) {
        const std::size_t at = structure_.first[judging[k].layer] + judging[k].number;
        score += numbers[k].first * std::abs(rows.slopes_of(k, inputs)[i]) * (high - low) /
                 (ranges_.upper[at] - ranges_.lower[at]);
      }
      if (score > 0) axes.push_back({score, i});
    }
    std::ranges::stable_sort(axes, std::greater(), &std::pair<double, std::size_t>::first);
    for (std::size_t k = 0; k < std::min(axes.size(), tried_axes); ++k)
      all.push_back({false, {}, axes[k].second});
  }

  static std::vector<BoxPart> parts_of(const BoxPart& part, Division division) {
    std::vector<BoxPart> parts(2, part);
    for (BoxPart& half : parts) half.x.clear();
    if (division.decides) {
      parts[0].decisions.push_back(division.decision);
      division.decision.positive = true;
      parts[1].decisions.push_back(division.decision);
    } else {
      const double low = part.box.lower[division.axis], high = part.box.upper[division.axis];
      parts[0].box.upper[division.axis] = parts[1].box.lower[division.axis] =
          low + (high - low) / 2;
    }
    return parts;
  }

  const Structure& structure_;
  const Box& whole_;
  Bounder bounder_;
  std::unique_ptr<PartBound> bound_;
  Ranges ranges_;
};

/// A part in the queue, and how many divisions made it.
struct Waiting {
  BoxPart part;
  std::size_t depth = 0, number = 0;
  bool operator<(const Waiting& other) const {  // the queue's top is the greatest
    if (part.lower != other.part.lower) return part.lower > other.part.lower;
    return number > other.number;
  }
};

class BranchSearch {
 public:
  BranchSearch(const Structure& structure, const Box& box, BranchGoal goal, const Limits& limits,
               const Deadline& deadline)
      : goal_(std::move(goal)),
        box_(box),
        limits_(limits),
        deadline_(deadline),
        threads_(limits.threads) {
    for (int t = 0; t < threads_.threads(); ++t)
      examiners_.emplace_back(structure, box_, goal_.make());
  }

  Branched run() {
    found_.lower = unbounded, found_.skipped.resize(box_.lower.size());
    BoxPart root;
    root.box = box_, root.lower = -unbounded;
    examiners_[0].examine(root), ++found_.sub_problems;
    root_ = root.lower;
    const std::size_t bytes = 32 * box_.lower.size() + 256;
    if (take(std::move(root), 0)) return found_;
    while (!queue_.empty()) {
      if (queue_.top().part.lower >= goal_.enough) break;
      if (should_stop(bytes)) return stopped();
      if (divide_some()) return found_;
    }
    found_.leaves += queue_.size();
    if (!queue_.empty()) found_.lower = std::min(found_.lower, queue_.top().part.lower);
    found_.reached = found_.lower >= goal_.enough;
    if (!found_.reached) found_.why = "some parts of the box cannot be divided further";
    return found_;
  }

 private:
  bool should_stop(std::size_t bytes_each) const {
    return deadline_.has_passed() || (limits_.boxes > 0 && found_.sub_problems >= limits_.boxes) ||
           queue_.size() * bytes_each > most_waiting_bytes;
  }

  Branched stopped() {
    found_.leaves += queue_.size();
    found_.lower = std::min(found_.lower, queue_.top().part.lower);
    found_.why = concat(queue_.size(), " parts of the box were still open after ",
                        found_.sub_problems, " in ", static_cast<int>(deadline_.seconds()),
                        " s; allow more time, or a smaller box");
    return found_;
  }

  /// True where the search ends.
  bool divide_some() {
    std::vector<Waiting> parts;
    while (parts.size() < parts_at_once && !queue_.empty() &&
           queue_.top().part.lower < goal_.enough) {
      parts.push_back(queue_.top());
      queue_.pop();
    }
    std::vector<std::vector<BoxPart>> halves(parts.size());
    std::vector<std::size_t> looked_at(parts.size());
    threads_.run(parts.size(), [&](std::size_t i, std::size_t thread) {
      halves[i] = examiners_[thread].divide(parts[i].part, goal_.enough, looked_at[i]);
    });
    for (std::size_t i = 0; i < parts.size(); ++i) {
      found_.sub_problems += looked_at[i];
      if (halves[i].empty()) close(parts[i].part.lower);
      for (BoxPart& half : halves[i])
        if (take(std::move(half), parts[i].depth + 1)) return true;
    }
    tell();
    return false;
  }

  void close(double lower) { ++found_.leaves, found_.lower = std::min(found_.lower, lower); }

  bool take(BoxPart part, std::size_t depth) {
    found_.depth = std::max(found_.depth, depth);
    if (part.lower == unbounded) {
      close(unbounded);
      return false;
    }
    if (goal_.skips_thin && part.lower < goal_.enough && part.thin_axis < box_.lower.size()) {
      const std::size_t i = part.thin_axis;
      found_.skipped[i] += part.box.upper[i] - part.box.lower[i];
      close(unbounded);
      return false;
    }
    found_.ended = goal_.look(part, goal_.enough);
    if (part.lower >= goal_.enough)
      close(part.lower);
    else
      queue_.push({std::move(part), depth, ++number_});
    return found_.ended;
  }

  void tell() const {
    if (queue_.empty() || !(goal_.enough > root_)) return;
    const double share = (queue_.top().part.lower - root_) / (goal_.enough - root_);
    deadline_.tell(std::clamp(share, 0.0, 1.0), queue_.size(), found_.sub_problems);
  }

  BranchGoal goal_;
  const Box& box_;
  const Limits& limits_;
  const Deadline& deadline_;
  ThreadPool threads_;
  std::vector<Examiner> examiners_;
  std::priority_queue<Waiting> queue_;
  Branched found_;
  std::size_t number_ = 0;
  double root_ = 0;
};

}  // namespace

Branched branch(const Structure& structure, const Box& box, BranchGoal goal, const Limits& limits,
                const Deadline& deadline) {
  return BranchSearch(structure, box, std::move(goal), limits, deadline).run();
}

}  // namespace rectify::verify

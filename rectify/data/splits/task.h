#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rectify::data {

/// What is predicted: one of several classes, or numbers.
enum class Task { automatic, classification, regression };
constexpr std::array<std::string_view, 3> names_of(Task) {
  return {"auto", "classification", "regression"};
}

/// A task, and a sentence that says why it was taken; the sentence is empty where it was asked for.
struct ChosenTask {
  Task task;
  std::string why;
};

/// Chooses by whole numbers that stand where labels or targets may: few values that each occur
/// several times are classes. These are at most 30 values which occur 5 times on average, or 0 to
/// k - 1 (1 to k) with k up to 1000 and 2 samples each on average. `what` names them in the
/// sentence: "column 'y'".
ChosenTask task_of_whole_numbers(std::span<const std::int64_t> numbers, const std::string& what);

}  // namespace rectify::data

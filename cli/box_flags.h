#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cli/loading.h"
#include "rectify/base/json.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/property.h"

namespace rectify::cli {

/// What a question about all inputs of a box is asked of.
struct Boxed {
  std::unique_ptr<model::Predictor> predictor;
  verify::Box box;
  std::string from;  ///< what the box was made of, for people: "--box", or the data
};

/// Loads the model, and makes the box of a text: "0:1" for all features, "0:1,-2:3,5" for each one
/// of them, "age=20:80,bmi=18:40" for some, where the others are as in the data. Without a text
/// it is the data's range. Throws Error.
Boxed load_boxed(const ModelFlags& flags, const std::string& text, int threads);

/// The number of a feature, given as a column's name or as a number from 0. Throws Error.
std::size_t feature_of(const model::Model& model, const std::string& text);
/// The same of an output: a class's name or a number. Empty: the only one.
std::size_t output_of(const model::Model& model, const std::string& text);

/// The ranges as a list of pairs.
Json box_json(const verify::Box& box);

/// A number with four digits that count, for people; and one that is not above it, or not below.
std::string four_digits(double value);
std::string four_digits_down(double value);
std::string four_digits_up(double value);

/// "bmi", or "feature 3" where columns have no names; "seven", or "output 2", for people.
std::string feature_name(const model::Model& model, std::size_t feature);
std::string output_name(const model::Model& model, std::size_t output);

}  // namespace rectify::cli

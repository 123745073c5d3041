#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/verify/network.h"
#include "rectify/verify/property.h"

namespace rectify::verify {

/// A number of a layer of a Network.
struct Number {
  std::uint32_t layer = 0, number = 0;
  auto operator<=>(const Number&) const = default;
};

/// How the half spaces of a case, and what is decided above, are weighted so that their sum cannot
/// be at most 0 anywhere.
struct Weights {
  struct One {
    std::uint32_t index;
    double weight;  ///< at least 0
  };
  std::vector<One> halves;     ///< half spaces of the case
  std::vector<One> decisions;  ///< decisions above, the first is 0
  /// Of the line below each relu that the last `numbers` step names, in units of 1 / steps(digits).
  /// Empty: each relu has its usual line.
  std::vector<std::uint32_t> slopes;
  std::uint32_t digits = 0;  ///< hexadecimal digits of a slope, at most 6

  static double steps(std::uint32_t digits) {
    return static_cast<double>((std::uint64_t{1} << (4 * digits)) - 1);
  }
};

/// One step of a proof that an input search or a neuron search found. docs/verification.md has an
/// example. Steps act on the sub-problem on top of a stack; one without open cases leaves it.
struct Step {
  enum class Kind {
    root,     ///< root CASE...: begins with the box of these cases, which is the same
    numbers,  ///< numbers LAYER:NUMBER...: the relus whose slopes later steps give
    narrow,   ///< narrow: bounds all numbers, and drops inputs that are safe by these bounds
    proven,   ///< proven CASE WEIGHTS: nothing in the sub-problem is unsafe in this case
    claim,    ///< claim LAYER:NUMBER > VALUE, or <: proven next; then the sub-problem with it
    alone,    ///< alone CASE: the sub-problem with this case, then the one with the others
    forget,   ///< forget: drops decisions and bounds, so that they can be found anew
    split,    ///< split AXIS VALUE: the part of the box below, then the part above
    decide,   ///< decide LAYER:NUMBER: at most 0, then at least 0
  };
  Kind kind = Kind::narrow;
  std::vector<std::uint32_t> cases = {};  ///< of root; the one of proven and alone
  std::vector<Number> numbers = {};       ///< of numbers; the one of decide and claim
  std::uint32_t axis = 0;
  bool is_above = false;  ///< of claim
  double value = 0;
  Weights weights = {};
};
constexpr std::array<std::string_view, 9> names_of(Step::Kind) {
  return {"root", "numbers", "narrow", "proven", "claim", "alone", "forget", "split", "decide"};
}

/// A proof, or a counterexample, as it stands in a file: lines of text. The first lines say what
/// of; the last is a checksum of all bytes before it.
struct Certificate {
  std::uint64_t network = 0, property = 0;  ///< hash_of() both
  Answer answer = Answer::holds;
  std::uint32_t at = 0;           ///< where violated: the case
  std::vector<float> input = {};  ///< where violated
  std::string steps = {};         ///< where it holds: lines, for StepReader
  std::size_t first_line = 1;
};

std::uint64_t hash_of(const Network& network);
std::uint64_t hash_of(const Property& property);

std::string text_of(const Certificate& certificate);
/// Reads what text_of() wrote. The steps are not looked at yet. `name` is for errors. Throws Error
/// for anything else, and for a text whose checksum is not that of its bytes.
Certificate parse_certificate(std::string_view text, const std::string& name);
/// The same from a file of at most `limit` bytes.
Certificate read_certificate(const std::filesystem::path& path,
                             std::size_t limit = std::size_t{1} << 30);

/// Appends the line of a step.
void append_step(const Step& step, std::string& text);

/// Reads the steps of a certificate, one after the other.
class StepReader {
 public:
  /// Refers to the certificate. `name` is for errors.
  StepReader(const Certificate& certificate, std::string name);
  /// False at the end. Throws Error for a line that is no step.
  bool next(Step& step);
  /// How much is read, in [0, 1].
  double share() const;
  /// Throws an Error that names the line of the last step.
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  std::string_view rest_;
  std::size_t size_;
  std::string name_;
  std::size_t line_;
};

}  // namespace rectify::verify

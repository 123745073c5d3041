// sentences: an English of few words that the program makes itself, for networks that predict the
// next character. There is something to learn at every distance: spelling, the number of a verb
// whose subject stands before a clause, sums, and facts that a later sentence repeats.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/data/formats/characters.h"
#include "rectify/data/kinds.h"
#include "rectify/data/options.h"

namespace rectify::data::ops {

namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 12> creatures = {"dog",  "cat",   "bird",  "horse",
                                                        "girl", "boy",   "cook",  "king",
                                                        "frog", "nurse", "pilot", "friend"};
constexpr std::array<std::string_view, 8> things = {"hat",  "ball", "lamp", "boat",
                                                    "book", "cup",  "coat", "drum"};
constexpr std::array<std::string_view, 8> colours = {"red",   "blue",  "green", "white",
                                                     "black", "brown", "pink",  "grey"};
constexpr std::array<std::string_view, 8> kinds_of = {"small", "old",   "quick", "clever",
                                                      "tall",  "young", "quiet", "happy"};
constexpr std::array<std::string_view, 8> deeds = {"see",  "follow", "help", "know",
                                                   "hear", "find",   "like", "call"};
constexpr std::array<std::string_view, 8> names = {"tom", "ann", "max", "eve",
                                                   "ben", "ida", "leo", "zoe"};
constexpr std::array<std::string_view, 19> numbers = {
    "zero",     "one",     "two",     "three",     "four",    "five",   "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",  "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"};

/// Draws one word after another.
class Teller {
 public:
  explicit Teller(const Random& random) : random_(random) {}

  std::string sentence() {
    switch (below(4)) {
      case 0:
        return sum();
      case 1:
        return fact();
      default:
        return deed();
    }
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return random_.below(next_++, bound); }
  std::string_view one_of(Words words) {
    return words[below(static_cast<std::uint32_t>(words.size()))];
  }

  std::string group(bool many) {
    std::string text = "the ";
    if (below(2) == 0) text += concat(one_of(kinds_of), " ");
    return text + concat(one_of(creatures), many ? "s" : "");
  }

  /// "the old dogs that the girl sees follow the king."
  std::string deed() {
    const bool many = below(2) == 0;
    std::string text = group(many);
    if (below(2) == 0) {
      const bool others = below(2) == 0;
      text += " that " + group(others);
      text += concat(" ", one_of(deeds), others ? "" : "s");
    }
    text += concat(" ", one_of(deeds), many ? "" : "s", " ");
    return text + group(below(2) == 0) + ". ";
  }

  /// "seven and nine make sixteen."
  std::string sum() {
    const std::uint32_t a = below(10), b = below(10);
    return concat(numbers[a], " and ", numbers[b], " make ", numbers[a + b], ". ");
  }

  /// "ann has a blue lamp and tom a red hat. the hat of tom is red."
  std::string fact() {
    const std::uint32_t first = below(8), more = 1 + below(7);
    const std::array<std::string_view, 2> who = {names[first], names[(first + more) % 8]};
    const std::array<std::string_view, 2> what = {one_of(things), one_of(things)};
    const std::array<std::string_view, 2> how = {one_of(colours), one_of(colours)};
    const std::size_t asked = below(2);
    return concat(who[0], " has a ", how[0], " ", what[0], " and ", who[1], " a ", how[1], " ",
                  what[1], ". the ", what[asked], " of ", who[asked], " is ", how[asked], ". ");
  }

  Random random_;
  std::uint64_t next_ = 0;
};

std::string told(std::size_t characters, std::uint64_t seed, std::uint32_t split) {
  Teller teller(Random(seed, static_cast<std::uint32_t>(Stream::data), split));
  std::string text;
  while (text.size() < characters) text += teller.sentence();
  text.resize(characters);
  return text;
}

Dataset open_sentences(const Request& request, ThreadPool&) {
  const std::array<std::string, 5> known = {"train", "test", "context", "seed", "vocabulary"};
  const std::array<std::string, 2> vocabularies = {"occurring", "bytes"};
  const Options options(request.what(), request.argument, known);
  const auto train = static_cast<std::size_t>(options.integer("train", 4000, 2, 1'000'000));
  const auto test = static_cast<std::size_t>(options.integer("test", 400, 1, 1'000'000));
  const auto seed = static_cast<std::uint64_t>(options.integer("seed", 1, 0, INT64_MAX));
  Cutting cut{.context = static_cast<std::size_t>(options.integer("context", 128, 1, 4096))};
  cut.stride = cut.context;
  cut.all_bytes = options.choice("vocabulary", "occurring", vocabularies) == "bytes";
  // One more character, for the last label.
  const std::size_t tested = test * cut.context + 1;
  return dataset_of_text(told(train * cut.context + 1, seed, 0) + told(tested, seed, 1), tested,
                         cut);
}

}  // namespace

std::span<const Kind> sentences() {
  static constexpr std::array all = {
      Kind{"sentences", "sentences[:train=4000,test=400,context=128,seed=1,vocabulary=occurring]",
           open_sentences}};
  return all;
}

}  // namespace rectify::data::ops

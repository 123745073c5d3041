#include "rectify/verify/certificate.h"

#include <bit>
#include <charconv>
#include <cmath>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"

namespace rectify::verify {

namespace {

constexpr std::string_view certificate_words = "rectify certificate 1";
constexpr std::uint32_t most_digits = 6;

/// Joins numbers to a hash, byte by byte.
class NumberHash {
 public:
  void add(std::uint64_t word) {
    char bytes[8];
    for (char& byte : bytes) byte = static_cast<char>(word & 255), word >>= 8;
    state_ = fnv1a({bytes, sizeof bytes}, state_);
  }
  void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
  void add(const std::vector<double>& numbers) {
    add(std::uint64_t{numbers.size()});
    for (const double number : numbers) add(number);
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = fnv1a("");
};

std::string hex_text(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

/// The whole of `text` as an unsigned number.
template <class Unsigned>
bool read_unsigned(std::string_view text, Unsigned& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool read_pair(std::string_view text, char between, Number& pair) {
  const std::size_t at = text.find(between);
  return at != text.npos && read_unsigned(text.substr(0, at), pair.layer) &&
         read_unsigned(text.substr(at + 1), pair.number);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

/// h1:0.5, d0:2 or s2:00ff, the slopes with their digits.
bool read_weight(std::string_view word, Weights& weights) {
  const std::size_t at = word.find(':');
  std::uint32_t index = 0;
  if (at == word.npos || at == 0 || !read_unsigned(word.substr(1, at - 1), index)) return false;
  const std::string_view rest = word.substr(at + 1);
  if (word[0] == 's') {
    if (index == 0 || index > most_digits || rest.size() % index != 0) return false;
    if (!weights.slopes.empty()) return false;
    weights.digits = index;
    for (std::size_t i = 0; i < rest.size(); i += index)
      if (!read_unsigned(rest.substr(i, index), weights.slopes.emplace_back(), 16)) return false;
    return true;
  }
  const auto weight = parse_number(rest);
  if ((word[0] != 'h' && word[0] != 'd') || !weight || !(*weight >= 0)) return false;
  (word[0] == 'h' ? weights.halves : weights.decisions).push_back({index, *weight});
  return true;
}

bool read_words(const std::vector<std::string>& words, Step& step) {
  const std::size_t n = words.size();
  switch (step.kind) {
    case Step::Kind::narrow:
    case Step::Kind::forget:
      return n == 1;
    case Step::Kind::root:
      for (std::size_t i = 1; i < n; ++i)
        if (!read_unsigned(words[i], step.cases.emplace_back())) return false;
      return n > 1;
    case Step::Kind::numbers:
      for (std::size_t i = 1; i < n; ++i)
        if (!read_pair(words[i], ':', step.numbers.emplace_back())) return false;
      return true;
    case Step::Kind::alone:
      return n == 2 && read_unsigned(words[1], step.cases.emplace_back());
    case Step::Kind::proven:
      if (n < 2 || !read_unsigned(words[1], step.cases.emplace_back())) return false;
      for (std::size_t i = 2; i < n; ++i)
        if (!read_weight(words[i], step.weights)) return false;
      return true;
    case Step::Kind::split: {
      const auto value = n == 3 ? parse_number(words[2]) : std::nullopt;
      step.value = value.value_or(0);
      return value && read_unsigned(words[1], step.axis);
    }
    case Step::Kind::claim: {
      const auto value = n == 4 ? parse_number(words[3]) : std::nullopt;
      step.value = value.value_or(0), step.is_above = n == 4 && words[2] == ">";
      return value && (step.is_above || words[2] == "<") &&
             read_pair(words[1], ':', step.numbers.emplace_back());
    }
    case Step::Kind::decide:
      return n == 2 && read_pair(words[1], ':', step.numbers.emplace_back());
  }
  return false;
}

}  // namespace

std::uint64_t hash_of(const Network& network) {
  NumberHash hash;
  for (const Layer& layer : network.layers) {
    hash.add(static_cast<std::uint64_t>(layer.kind));
    hash.add(std::uint64_t{layer.width}), hash.add(std::uint64_t{layer.source});
    hash.add(layer.bias);
    for (const Layer::Term& term : layer.terms) {
      hash.add(std::uint64_t{term.from});
      for (std::size_t i = 0; i < term.matrix.in; ++i)
        term.matrix.each(i, [&](std::size_t o, double weight) {
          hash.add(std::uint64_t{i}), hash.add(std::uint64_t{o}), hash.add(weight);
        });
    }
  }
  return hash.value();
}

std::uint64_t hash_of(const Property& property) {
  NumberHash hash;
  for (const Unsafe& unsafe : property.cases) {
    hash.add(unsafe.inputs.lower), hash.add(unsafe.inputs.upper);
    hash.add(std::uint64_t{unsafe.outputs.size()});
    for (const HalfSpace& half : unsafe.outputs) hash.add(half.coefficients), hash.add(half.bound);
  }
  return hash.value();
}

void append_step(const Step& step, std::string& text) {
  text += name_of(step.kind);
  for (const std::uint32_t at : step.cases) text += concat(" ", at);
  for (const Number& n : step.numbers) text += concat(" ", n.layer, ":", n.number);
  if (step.kind == Step::Kind::claim)
    text += concat(step.is_above ? " > " : " < ", number_text(step.value));
  if (step.kind == Step::Kind::split) text += concat(" ", step.axis, " ", number_text(step.value));
  const Weights& weights = step.weights;
  for (const Weights::One& one : weights.halves)
    text += concat(" h", one.index, ":", number_text(one.weight));
  for (const Weights::One& one : weights.decisions)
    text += concat(" d", one.index, ":", number_text(one.weight));
  if (!weights.slopes.empty()) text += concat(" s", weights.digits, ":");
  for (const std::uint32_t slope : weights.slopes) text += hex_text(slope, weights.digits);
  text += '\n';
}

std::string text_of(const Certificate& certificate) {
  std::string text =
      concat(certificate_words, "\nnetwork ", hex_text(certificate.network, 16), "\nproperty ",
             hex_text(certificate.property, 16), "\nanswer ", name_of(certificate.answer), "\n");
  if (certificate.answer == Answer::violated) {
    text += concat("case ", certificate.at, "\ninput");
    for (const float x : certificate.input) text += " " + number_text(double{x});
    text += '\n';
  }
  text += certificate.steps;
  return text + "checksum " + hex_text(fnv1a(text), 16) + "\n";
}

Certificate parse_certificate(std::string_view text, const std::string& name) {
  if (!text.starts_with(certificate_words))
    fail("'", name, "' is no certificate: it does not begin with '", certificate_words, "'");
  constexpr std::string_view last = "checksum ";
  const std::size_t last_size = last.size() + 17;
  const std::string_view all = text.substr(0, text.size() - std::min(text.size(), last_size));
  if (text.substr(all.size()) != concat(last, hex_text(fnv1a(all), 16), "\n"))
    fail("'", name, "' is damaged: its last line is not the checksum of what stands above; ",
         "write the certificate again with --certificate");
  Certificate certificate;
  std::string_view rest = all;
  std::size_t line = 0;
  const auto words = [&](std::string_view begin) {
    const std::string_view whole = take_line(rest);
    ++line;
    if (!whole.starts_with(begin))
      fail("'", name, "' line ", line, ": expected '", begin, "...', not '", whole.substr(0, 40),
           "'");
    return whole.substr(begin.size());
  };
  const auto check = [&](bool is_right, std::string_view what) {
    if (!is_right) fail("'", name, "' line ", line, ": ", what, " cannot be read");
  };
  check(words(certificate_words).empty(), "the version");
  check(read_unsigned(words("network "), certificate.network, 16), "the hash of the network");
  check(read_unsigned(words("property "), certificate.property, 16), "the hash of the property");
  const auto answer = from_name<Answer>(words("answer "));
  check(answer && *answer != Answer::unknown, "the answer");
  certificate.answer = *answer;
  if (certificate.answer == Answer::violated) {
    check(read_unsigned(words("case "), certificate.at), "the case");
    for (const std::string& word : split(words("input "), ' ')) {
      const auto number = parse_number(word);
      check(number && *number == static_cast<float>(*number), "the input");
      certificate.input.push_back(static_cast<float>(*number));
    }
    check(rest.empty(), "what follows the input");
  }
  certificate.steps = rest, certificate.first_line = line + 1;
  return certificate;
}

Certificate read_certificate(const std::filesystem::path& path, std::size_t limit) {
  return parse_certificate(read_file(path, limit), path.string());
}

StepReader::StepReader(const Certificate& certificate, std::string name)
    : rest_(certificate.steps),
      size_(rest_.size()),
      name_(std::move(name)),
      line_(certificate.first_line - 1) {}

double StepReader::share() const {
  return size_ == 0 ? 1 : 1 - static_cast<double>(rest_.size()) / static_cast<double>(size_);
}

bool StepReader::next(Step& step) {
  if (rest_.empty()) return false;
  ++line_;
  const std::vector<std::string> words = split(take_line(rest_), ' ');
  const auto kind = from_name<Step::Kind>(words[0]);
  step = {};
  if (kind) step.kind = *kind;
  if (!kind || !read_words(words, step))
    refuse(concat("'", words[0].substr(0, 20), "' ",
                  kind ? "is not followed by what it needs" : "is no step"));
  return true;
}

void StepReader::refuse(const std::string& why) const {
  fail("'", name_, "' line ", line_, ": ", why);
}

}  // namespace rectify::verify

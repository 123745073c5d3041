#include "rectify/lab/expression.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::lab {

namespace {

using Values = std::vector<double>;

constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

double rises(const Values& v) {
  for (std::size_t i = 1; i < v.size(); ++i)
    if (!(v[i] > v[i - 1])) return std::isnan(v[i] + v[i - 1]) ? not_measured : 0;
  return 1;
}

double rank(const Values& v) {
  const auto lower = std::ranges::count_if(v, [&](double x) { return x < v[0]; });
  // The first value itself is there twice: once as what is asked about, once among all.
  const auto ties = std::max<std::ptrdiff_t>(0, std::ranges::count(v, v[0]) - 2);
  return 1 + static_cast<double>(lower) + static_cast<double>(ties) / 2;
}

struct Function {
  bool of_one;
  double (*value)(const Values& arguments);
};

double largest(const Values& v) { return *std::ranges::max_element(v); }
double smallest(const Values& v) { return *std::ranges::min_element(v); }

const std::map<std::string, Function, std::less<>>& functions() {
  static const std::map<std::string, Function, std::less<>> all = {
      {"min", {false, smallest}},
      {"max", {false, largest}},
      {"mean",
       {false,
        [](const Values& v) {
          return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
        }}},
      {"spread", {false, [](const Values& v) { return largest(v) - smallest(v); }}},
      {"rises", {false, rises}},
      {"rank", {false, rank}},
      {"abs", {true, [](const Values& v) { return std::abs(v[0]); }}},
      {"sqrt", {true, [](const Values& v) { return std::sqrt(v[0]); }}},
      {"exp", {true, [](const Values& v) { return std::exp(v[0]); }}},
      {"log", {true, [](const Values& v) { return std::log(v[0]); }}},
      {"log10", {true, [](const Values& v) { return std::log10(v[0]); }}}};
  return all;
}

/// A recursive descent: sum -> product -> factor.
class Reader {
 public:
  Reader(std::string_view text, const Lookup& lookup) : text_(text), lookup_(lookup) {}

  double all() {
    const double value = sum();
    if (peek() != '\0') wrong("an operator");
    return value;
  }

 private:
  double sum() {
    double value = product();
    for (;;) {
      if (take('+'))
        value += product();
      else if (take('-'))
        value -= product();
      else
        return value;
    }
  }

  double product() {
    double value = factor();
    for (;;) {
      if (take('*'))
        value *= factor();
      else if (take('/'))
        value /= factor();
      else
        return value;
    }
  }

  double factor() {
    constexpr int deepest = 50;  // so that no text runs out of stack
    if (++depth_ > deepest) fail("'", text_.substr(0, 40), "...' nests too deeply");
    const double value = inner_factor();
    --depth_;
    return value;
  }

  double inner_factor() {
    if (take('-')) return -factor();
    if (take('(')) {
      const double value = sum();
      expect(')');
      return value;
    }
    const char c = peek();
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') return number();
    const std::string word = name();
    const auto function = functions().find(word);
    if (function != functions().end() && peek() == '(') return call(function->second);
    const Values found = figures(word);
    if (found.size() > 1)
      fail("'", word, "' means ", found.size(), " figures in '", text_,
           "', where one is wanted; write min, max, mean, spread, rises or rank around it");
    return found.empty() ? not_measured : found[0];
  }

  double call(const Function& function) {
    expect('(');
    Values arguments;
    do {
      const std::size_t begin = at_;
      const Values list = figures_alone();
      if (!list.empty()) {
        arguments.insert(arguments.end(), list.begin(), list.end());
      } else {
        at_ = begin;
        arguments.push_back(sum());
      }
    } while (take(','));
    expect(')');
    if (function.of_one && arguments.size() != 1)
      fail("a function of one value has ", arguments.size(), " in '", text_, "'");
    if (std::ranges::any_of(arguments, [](double v) { return std::isnan(v); })) return not_measured;
    return function.value(arguments);
  }

  /// Figures, several perhaps, as an argument; nothing where the argument is more than that.
  Values figures_alone() {
    const char c = peek();
    if (!std::isalpha(static_cast<unsigned char>(c)) && c != '_') return {};
    const std::string word = name();
    if (peek() == '(') return {};
    Values found = figures(word);
    return peek() == ',' || peek() == ')' ? found : Values();
  }

  Values figures(const std::string& word) {
    std::string cell;
    if (take('[')) {
      const std::size_t end = text_.find(']', at_);
      if (end == std::string_view::npos) wrong("']'");
      cell = std::string(trim(text_.substr(at_, end - at_)));
      at_ = end + 1;
    }
    return lookup_(word, cell);
  }

  double number() {
    std::size_t end = at_;
    const auto part_of_number = [&](std::size_t i) {
      const char c = text_[i];
      if (std::isdigit(static_cast<unsigned char>(c)) || c == '.' || c == 'e') return true;
      return (c == '-' || c == '+') && i > at_ && text_[i - 1] == 'e';
    };
    while (end < text_.size() && part_of_number(end)) ++end;
    const std::optional<double> value = parse_number(text_.substr(at_, end - at_));
    if (!value) wrong("a number");
    at_ = end;
    return *value;
  }

  std::string name() {
    peek();
    std::size_t end = at_;
    const auto part_of_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
    };
    while (end < text_.size() && part_of_name(text_[end])) ++end;
    if (end == at_) wrong("a figure or a number");
    const std::string word(text_.substr(at_, end - at_));
    at_ = end;
    return word;
  }

  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) wrong(concat("'", c, "'"));
  }
  [[noreturn]] void wrong(const std::string& wanted) const {
    fail("'", text_, "' cannot be computed: at column ", at_ + 1, " stands ",
         at_ < text_.size() ? concat("'", text_[at_], "'") : std::string("nothing"), " where ",
         wanted, " is wanted");
  }

  std::string_view text_;
  const Lookup& lookup_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

double evaluate(std::string_view expression, const Lookup& lookup) {
  return Reader(expression, lookup).all();
}

}  // namespace rectify::lab

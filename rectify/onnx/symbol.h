#pragma once

#include <cmath>
#include <string>

#include "rectify/onnx/writer.h"

namespace rectify::onnx {

/// A number type for the rows of family.h whose arithmetic writes ONNX nodes instead of computing:
/// `a * exp(x)` with a Symbol x writes the nodes Exp and Mul. Arithmetic among plain numbers is
/// computed at once.
class Symbol {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  explicit Symbol(T number) : number_(static_cast<double>(number)) {}
  Symbol(Writer& writer, std::string name, std::string label)
      : writer_(&writer), name_(std::move(name)), label_(std::move(label)) {}

  bool is_number() const { return writer_ == nullptr; }
  double number() const { return number_; }

  /// Writes the ONNX operator `op` on these arguments, with the writer and the label of the first
  /// one that is not a plain number.
  static Symbol apply(const char* op, std::initializer_list<Symbol> arguments) {
    const Symbol* first = nullptr;
    for (const Symbol& argument : arguments)
      if (!first && !argument.is_number()) first = &argument;
    std::vector<std::string> names;
    for (const Symbol& argument : arguments)
      names.push_back(argument.is_number() ? first->writer_->scalar(argument.number_)
                                           : argument.name_);
    return {*first->writer_, first->writer_->add(op, names, first->label_), first->label_};
  }
  const std::string& name() const { return name_; }

 private:
  Writer* writer_ = nullptr;
  double number_ = 0;
  std::string name_, label_;
};

/// The result of a comparison.
struct Truth {
  Symbol symbol;
};

inline Symbol operator+(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return Symbol(a.number() + b.number());
  if (a.is_number() && a.number() == 0) return b;
  if (b.is_number() && b.number() == 0) return a;
  return Symbol::apply("Add", {a, b});
}
inline Symbol operator-(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return Symbol(a.number() - b.number());
  if (b.is_number() && b.number() == 0) return a;
  return Symbol::apply("Sub", {a, b});
}
inline Symbol operator*(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return Symbol(a.number() * b.number());
  if (a.is_number() && a.number() == 1) return b;
  if (b.is_number() && b.number() == 1) return a;
  return Symbol::apply("Mul", {a, b});
}
inline Symbol operator/(const Symbol& a, const Symbol& b) {
  if (a.is_number() && b.is_number()) return Symbol(a.number() / b.number());
  return Symbol::apply("Div", {a, b});
}
inline Symbol operator-(const Symbol& a) {
  return a.is_number() ? Symbol(-a.number()) : Symbol::apply("Neg", {a});
}
template <class T>
concept Plain = std::is_arithmetic_v<T>;
template <Plain T>
Symbol operator+(const Symbol& a, T b) {
  return a + Symbol(b);
}
template <Plain T>
Symbol operator+(T a, const Symbol& b) {
  return Symbol(a) + b;
}
template <Plain T>
Symbol operator-(const Symbol& a, T b) {
  return a - Symbol(b);
}
template <Plain T>
Symbol operator-(T a, const Symbol& b) {
  return Symbol(a) - b;
}
template <Plain T>
Symbol operator*(const Symbol& a, T b) {
  return a * Symbol(b);
}
template <Plain T>
Symbol operator*(T a, const Symbol& b) {
  return Symbol(a) * b;
}
template <Plain T>
Symbol operator/(const Symbol& a, T b) {
  return a / Symbol(b);
}
template <Plain T>
Symbol operator/(T a, const Symbol& b) {
  return Symbol(a) / b;
}

inline Symbol as_symbol(const Symbol& a) { return a; }
template <Plain T>
Symbol as_symbol(T a) {
  return Symbol(a);
}
template <class T>
Truth operator>(const Symbol& a, const T& b) {
  return {Symbol::apply("Greater", {a, as_symbol(b)})};
}
template <class T>
Truth operator<(const Symbol& a, const T& b) {
  return {Symbol::apply("Less", {a, as_symbol(b)})};
}
template <class T>
Truth operator>=(const Symbol& a, const T& b) {
  return {Symbol::apply("GreaterOrEqual", {a, as_symbol(b)})};
}
template <class T>
Truth operator<=(const Symbol& a, const T& b) {
  return {Symbol::apply("LessOrEqual", {a, as_symbol(b)})};
}
template <class T>
Truth operator==(const Symbol& a, const T& b) {
  return {Symbol::apply("Equal", {a, as_symbol(b)})};
}
inline Truth operator&(const Truth& a, const Truth& b) {
  return {Symbol::apply("And", {a.symbol, b.symbol})};
}
inline Symbol select(const Truth& m, const Symbol& a, const Symbol& b) {
  return Symbol::apply("Where", {m.symbol, a, b});
}

inline Symbol max(const Symbol& a, const Symbol& b) { return Symbol::apply("Max", {a, b}); }
inline Symbol min(const Symbol& a, const Symbol& b) { return Symbol::apply("Min", {a, b}); }
inline Symbol abs(const Symbol& x) { return Symbol::apply("Abs", {x}); }
inline Symbol sqrt(const Symbol& x) { return Symbol::apply("Sqrt", {x}); }
inline Symbol sin(const Symbol& x) { return Symbol::apply("Sin", {x}); }
inline Symbol cos(const Symbol& x) { return Symbol::apply("Cos", {x}); }
inline Symbol exp(const Symbol& x) { return Symbol::apply("Exp", {x}); }
inline Symbol tanh(const Symbol& x) { return Symbol::apply("Tanh", {x}); }
inline Symbol sigmoid(const Symbol& x) { return Symbol::apply("Sigmoid", {x}); }
inline Symbol copysign(const Symbol& magnitude, const Symbol& sign) {
  return abs(magnitude) * Symbol::apply("Sign", {sign});
}
template <class B, class C>
Symbol fma(const Symbol& a, const B& b, const C& c) {
  return a * as_symbol(b) + as_symbol(c);
}
inline Symbol expm1(const Symbol& x) { return exp(x) - 1; }
inline Symbol exp_negative(const Symbol& x) { return exp(x); }
inline Symbol expm1_negative(const Symbol& x) { return Symbol::apply("Elu", {x}); }
inline Symbol log1p_unit(const Symbol& x) { return Symbol::apply("Log", {x + 1}); }
inline Symbol exp_negative_times(const Symbol& x, double a) { return a * exp(x); }
inline Symbol exp_negative_over(const Symbol& x, double a) { return exp(x / a); }
inline Symbol scaled_expm1_negative(const Symbol& x, double a) { return a * expm1_negative(x / a); }
inline Symbol sigmoid_shifted(const Symbol& x, double c) { return sigmoid(x - c); }
inline Symbol x_sigmoid_at(const Symbol& x, const Symbol& beta) { return x * sigmoid(beta * x); }
inline Symbol x_sigmoid(const Symbol& x, double beta) { return x * sigmoid(beta * x); }
inline Symbol normal_cdf(const Symbol& x) {
  return 0.5 * (1 + Symbol::apply("Erf", {x * std::sqrt(0.5)}));
}
inline Symbol x_normal_cdf(const Symbol& x) { return x * normal_cdf(x); }
inline Symbol x_normal_cdf_by_tanh(const Symbol& x) {
  return 0.5 * x * (1 + tanh(std::sqrt(2 / 3.14159265358979324) * (x + 0.044715 * (x * x * x))));
}
inline Symbol x_tanh_softplus(const Symbol& x) { return x * tanh(Symbol::apply("Softplus", {x})); }

}  // namespace rectify::onnx

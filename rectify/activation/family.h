#pragma once

#include "rectify/activation/row.h"

// Every activation, one struct each, and at the end the list of them: the one file to edit for a
// new one. A row has `facts`; value<V>(x, p), and slope<V>(x, p), the derivative in x, for V =
// double, long double and vectors of floats, in the functions of math.h; and, where the derivative
// can be told from the output, slope_from_output<V>(y, p), which spares a network the memory of x.
//
// Values hold at ±∞ as limits; NaN gives NaN, in the slopes too. On floats they are within 4 units
// in the last place of the definition in double precision, and slopes likewise except within 0.5 of
// a sign change (1e-7 absolute), unless the row says otherwise. What slope_from_output gives is as
// exact for the output that it is given, but an output that saturates no longer knows how closely:
// there the slope is off by up to half a unit in the last place of the saturation value.

namespace rectify::activation {

struct Identity {
  static constexpr Facts facts = {
      .name = "identity",
      .aliases = {"linear"},
      .formula = "x",
      .derivative = "1",
      .source = "",
      .onnx = "Identity",
  };
  template <class V>
  static V value(V x, const Parameters&) {
    return x;
  }
  template <class V>
  static V slope(V x, const Parameters&) {
    return select(x == x, V(1), x);
  }
  template <class V>
  static V slope_from_output(V y, const Parameters& p) {
    return slope(y, p);
  }
};

struct Relu {
  static constexpr Facts facts = {
      .name = "relu",
      .aliases = {"rectifier"},
      .formula = "max(0, x)",
      .derivative = "1 if x > 0 else 0",
      .kink = "0 at 0; settable to 0.5 or 1",
      .source = "Nair & Hinton 2010; Glorot, Bordes & Bengio 2011",
      .onnx = "Relu",
      .parameters = {{"kink", 0, 0, 1, "the derivative at 0: 0, 0.5 or 1"}},
      .initialiser = Initialiser::he_normal,
      .rectifier = true,
  };
  template <class V>
  static V value(V x, const Parameters&) {
    return max(V(0), x);
  }
  template <class V>
  static V slope(V x, const Parameters& p) {
    return select(x > 0, V(1), select(x == 0, V(p[0]), max(V(0), x)));
  }
  /// The output 0 does not say whether x was 0 or below: the slope there must not either.
  static constexpr bool from_output(const Parameters& p) { return p[0] == 0; }
  template <class V>
  static V slope_from_output(V y, const Parameters&) {
    return select(y > 0, V(1), y);  // y is 0 or NaN where it is not positive
  }
};

struct LeakyRelu {
  static constexpr Facts facts = {
      .name = "leaky_relu",
      .aliases = {"leaky", "lrelu"},
      .formula = "x if x > 0 else a x",
      .derivative = "1 if x > 0 else a",
      .kink = "a at 0",
      .source = "Maas, Hannun & Ng 2013",
      .onnx = "LeakyRelu",
      .parameters = {{"a", 0.01, 0, 1, "slope on the left"}},
      .initialiser = Initialiser::he_normal,
  };
  template <class V>
  static V value(V x, const Parameters& p) {
    if (p[0] == 0) return max(V(0), x);  // 0 times -inf would be NaN
    return select(x > 0, x, V(p[0]) * x);
  }
  template <class V>
  static V slope(V x, const Parameters& p) {
    return select(x > 0, V(1), select(x <= 0, V(p[0]), x));
  }
  template <class V>
  static V slope_from_output(V y, const Parameters& p) {
    return slope(y, p);  // a is not negative, so y has the sign of x
  }
};

struct Sigmoid {
  static constexpr Facts facts = {
      .name = "sigmoid",
      .aliases = {"logistic"},
      .formula = "1 / (1 + exp(-x))",
      .derivative = "y (1 - y)",
      .source = "Verhulst 1845",
      .onnx = "Sigmoid",
      .initialiser = Initialiser::glorot_uniform,
  };
  template <class V>
  static V value(V x, const Parameters&) {
    return sigmoid(x);
  }
  template <class V>
  static V slope(V x, const Parameters&) {
    const V z = exp_negative(-abs(x)), d = V(1) + z;
    return z / (d * d);
  }
  template <class V>
  static V slope_from_output(V y, const Parameters&) {
    return y * (V(1) - y);
  }
};

struct Tanh {
  static constexpr Facts facts = {
      .name = "tanh",
      .formula = "(exp(x) - exp(-x)) / (exp(x) + exp(-x))",
      .derivative = "1 - y^2",
      .source = "Riccati 1757",
      .onnx = "Tanh",
      .initialiser = Initialiser::glorot_uniform,
  };
  template <class V>
  static V value(V x, const Parameters&) {
    return tanh(x);
  }
  template <class V>
  static V slope(V x, const Parameters&) {
    const V z = exp_negative(V(-2) * abs(x)), d = V(1) + z;
    return V(4) * z / (d * d);
  }
  template <class V>
  static V slope_from_output(V y, const Parameters&) {
    return (V(1) - y) * (V(1) + y);
  }
};

struct Softplus {
  static constexpr Facts facts = {
      .name = "softplus",
      .formula = "ln(1 + exp(x))",
      .derivative = "1 / (1 + exp(-x))",
      .source = "Dugas et al. 2001",
      .onnx = "Softplus",
  };
  template <class V>
  static V value(V x, const Parameters&) {
    return max(V(0), x) + log1p_unit(exp_negative(-abs(x)));
  }
  template <class V>
  static V slope(V x, const Parameters&) {
    return sigmoid(x);
  }
  template <class V>
  static V slope_from_output(V y, const Parameters&) {
    return -expm1_negative(-y);
  }
};

struct Elu {
  static constexpr Facts facts = {
      .name = "elu",
      .formula = "x if x > 0 else a (exp(x) - 1)",
      .derivative = "1 if x > 0 else a exp(x)",
      .kink = "a at 0",
      .source = "Clevert, Unterthiner & Hochreiter 2016",
      .onnx = "Elu",
      .parameters = {{"a", 1, 0, 10, "what is approached on the left, negated"}},
  };
  template <class V>
  static V value(V x, const Parameters& p) {
    return select(x > 0, x, V(p[0]) * expm1_negative(min(V(0), x)));
  }
  template <class V>
  static V slope(V x, const Parameters& p) {
    return select(x > 0, V(1), V(p[0]) * exp_negative(min(V(0), x)));
  }
  template <class V>
  static V slope_from_output(V y, const Parameters& p) {
    return select(y > 0, V(1), y + V(p[0]));
  }
};

struct Selu {
  static constexpr double alpha = 1.6732632423543772, lambda = 1.0507009873554805;
  static constexpr Facts facts = {
      .name = "selu",
      .formula = "1.0507 (x if x > 0 else 1.6733 (exp(x) - 1))",
      .derivative = "1.0507 if x > 0 else 1.7581 exp(x)",
      .kink = "1.7581 at 0",
      .source = "Klambauer et al. 2017",
      .onnx = "Selu",
      .initialiser = Initialiser::lecun_normal,
  };
  template <class V>
  static V value(V x, const Parameters&) {
    return select(x > 0, V(lambda) * x, V(lambda * alpha) * expm1_negative(min(V(0), x)));
  }
  template <class V>
  static V slope(V x, const Parameters&) {
    return select(x > 0, V(lambda), V(lambda * alpha) * exp_negative(min(V(0), x)));
  }
  template <class V>
  static V slope_from_output(V y, const Parameters&) {
    return select(y > 0, V(lambda), y + V(lambda * alpha));
  }
};

/// On x86 before AVX2, without fused multiplication and addition, 6 units in the last place.
struct Gelu {
  static constexpr Facts facts = {
      .name = "gelu",
      .formula = "x Phi(x)",
      .derivative = "Phi(x) + x phi(x)",
      .source = "Hendrycks & Gimpel 2016",
      .onnx = "Gelu",
  };
  template <class V>
  static V value(V x, const Parameters&) {
    return x_normal_cdf(x);
  }
  template <class V>
  static V slope(V x, const Parameters&) {
    return x_normal_cdf_slope(x);
  }
};

/// The 1e-7 around the slope's sign change holds within 0.5 / beta of it; elsewhere the slope is
/// within 6 units in the last place on x86 before AVX2.
struct Silu {
  static constexpr Facts facts = {
      .name = "silu",
      .aliases = {"swish"},
      .formula = "x / (1 + exp(-beta x))",
      .derivative = "s (1 + beta x (1 - s)) with s = 1 / (1 + exp(-beta x))",
      .source = "Hendrycks & Gimpel 2016; Ramachandran, Zoph & Le 2017",
      .parameters = {{"beta", 1, 0.01, 100, "steepness; large is nearly relu"}},
  };
  template <class V>
  static V value(V x, const Parameters& p) {
    return x_sigmoid(x, p[0]);
  }
  template <class V>
  static V slope(V x, const Parameters& p) {
    return x_sigmoid_slope(x, p[0]);
  }
};

using Family = Rows<Identity, Relu, LeakyRelu, Sigmoid, Tanh, Softplus, Elu, Selu, Gelu, Silu>;

}  // namespace rectify::activation

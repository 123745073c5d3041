#pragma once

#include "rectify/activation/row.h"
#include "rectify/activation/steps.h"

// All activations, one struct each, and the list of them at the end. A new activation changes only
// this file (docs/adding-an-activation.md). A row has `facts` (row.h); value<V>(x, p) and its
// derivative in x, slope<V>(x, p); and, if the derivative can be computed from the output,
// slope_from_output<V>(y, p): then a network need not keep x. V is double, long double or a vector
// of floats; the functions of math.h work for all three.
//
// At ±∞ a row gives its limit; for NaN it gives NaN, in slopes too. Float kernels (of both) are
// within 4 ulp of the definition in double precision, unless the row's facts say otherwise; slopes
// within 0.5 of a zero of the slope are within 1e-7. slope_from_output is as accurate for the
// output that it gets. But an output near saturation no longer shows how near it is: there the
// slope is wrong by up to half an ulp of the saturation value.

namespace rectify::activation {

struct Identity {
  static constexpr Facts facts = {
      .name = "identity",
      .aliases = {"linear"},
      .formula = "x",
      .derivative = "1",
      .onnx = "Identity",
  };
  template <class V> static V value(V x, const Parameters&) { return x; }
  template <class V> static V slope(V, const Parameters&) { return V(1); }
  template <class V> static V slope_from_output(V, const Parameters&) { return V(1); }
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
  template <class V> static V value(V x, const Parameters&) { return max(V(0), x); }
  template <class V> static V slope(V x, const Parameters& p) {
    const V others = max(V(0), x);  // 0, or a NaN
    return select(x > 0, V(1), p[0] == 0 ? others : select(x == 0, V(p[0]), others));
  }
  /// The output 0 does not say whether x was 0 or negative, so the slope must be the same for both.
  static constexpr bool from_output(const Parameters& p) { return p[0] == 0; }
  template <class V> static V slope_from_output(V y, const Parameters&) {
    return select(y > 0, V(1), y);  // y is 0 or NaN where it is not positive
  }
  static constexpr bool mask_slope(const Parameters& p) { return p[0] == 0 || p[0] == 1; }
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
  template <class V> static V value(V x, const Parameters& p) {
    if (p[0] == 0) return max(V(0), x);  // 0 times -inf would be NaN
    return select(x > 0, x, V(p[0]) * x);
  }
  template <class V> static V slope(V x, const Parameters& p) {
    return select(x > 0, V(1), select(x <= 0, V(p[0]), x));
  }
  template <class V> static V slope_from_output(V y, const Parameters& p) {
    return slope(y, p);  // a is not negative, so y has the sign of x
  }
};

/// The slope a varies. It may be 0, and 0 times -inf would be NaN; it may also be negative.
struct Prelu {
  static constexpr Facts facts = {
      .name = "prelu",
      .formula = "x if x > 0 else a x, a learned for each channel",
      .derivative = "1 if x > 0 else a; in a: min(x, 0)",
      .kink = "a at 0",
      .source = "He, Zhang, Ren & Sun 2015",
      .onnx = "PRelu",
      .parameters = {{"a", 0.25, -1, 1, "slope on the left, before training"}},
      .initialiser = Initialiser::he_normal,
      .varying = Varying::learned,
  };
  template <class V> static V value_at(V x, V a) {
    return select(x > 0, x, select(a == 0, max(V(0), x), a * x));
  }
  template <class V> static V slope_at(V x, V a) {
    return select(x > 0, V(1), select(x <= 0, a, x));
  }
  template <class V> static V parameter_slope(V x, V) { return min(V(0), x); }
  template <class V> static V value(V x, const Parameters& p) { return LeakyRelu::value(x, p); }
  template <class V> static V slope(V x, const Parameters& p) { return LeakyRelu::slope(x, p); }
};

struct Rrelu {
  static constexpr Facts facts = {
      .name = "rrelu",
      .formula = "x if x > 0 else a x, a from U(low, high) in training, their mean otherwise",
      .derivative = "1 if x > 0 else a",
      .kink = "a at 0",
      .source = "Xu, Wang, Chen & Li 2015, who divide by U(3, 8); this is PyTorch's form",
      .parameters = {{"low", 1.0 / 8, 0, 1, "least slope on the left"},
                     {"high", 1.0 / 3, 0, 1, "largest slope on the left"}},
      .initialiser = Initialiser::he_normal,
      .varying = Varying::uniform,
  };
  template <class V> static V value_at(V x, V a) { return Prelu::value_at(x, a); }
  template <class V> static V slope_at(V x, V a) { return Prelu::slope_at(x, a); }
  static Parameters mean(const Parameters& p) { return {(p[0] + p[1]) / 2}; }
  template <class V> static V value(V x, const Parameters& p) { return Prelu::value(x, mean(p)); }
  template <class V> static V slope(V x, const Parameters& p) { return Prelu::slope(x, mean(p)); }
};

struct Elu {
  static constexpr Facts facts = {
      .name = "elu",
      .formula = "x if x > 0 else a (exp(x) - 1)",
      .derivative = "1 if x > 0 else a exp(x)",
      .kink = "a at 0",
      .source = "Clevert, Unterthiner & Hochreiter 2016",
      .onnx = "Elu",
      .parameters = {{"a", 1, 0, 10, "the limit on the left, negated"}},
      .varying = Varying::learnable,
  };
  template <class V> static V value_at(V x, V a) {
    return select(x > 0, x, a * expm1_negative(min(V(0), x)));
  }
  template <class V> static V slope_at(V x, V a) {
    return select(x > 0, V(1), a * exp_negative(min(V(0), x)));
  }
  template <class V> static V parameter_slope(V x, V) { return expm1_negative(min(V(0), x)); }
  template <class V> static V value(V x, const Parameters& p) { return value_at(x, V(p[0])); }
  template <class V> static V slope(V x, const Parameters& p) {
    return select(x > 0, V(1), exp_negative_times(min(V(0), x), p[0]));
  }
  template <class V> static V slope_from_output(V y, const Parameters& p) {
    return select(y > 0, V(1), y + V(p[0]));
  }
};

struct Celu {
  static constexpr Facts facts = {
      .name = "celu",
      .formula = "x if x > 0 else a (exp(x / a) - 1)",
      .derivative = "1 if x > 0 else exp(x / a)",
      .kink = "1 at 0, the derivative from both sides",
      .source = "Barron 2017",
      .onnx = "Celu",
      .parameters = {{"a", 1, 0.01, 100, "the limit on the left, negated"}},
  };
  template <class V> static V value(V x, const Parameters& p) {
    return select(x > 0, x, scaled_expm1_negative(min(V(0), x), p[0]));
  }
  template <class V> static V slope(V x, const Parameters& p) {
    return select(x > 0, V(1), exp_negative_over(min(V(0), x), p[0]));
  }
  template <class V> static V slope_from_output(V y, const Parameters& p) {
    return select(y > 0, V(1), fma(y, V(1 / p[0]), V(1)));
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
  template <class V> static V value(V x, const Parameters&) {
    return select(x > 0, V(lambda) * x, V(lambda * alpha) * expm1_negative(min(V(0), x)));
  }
  template <class V> static V slope(V x, const Parameters&) {
    return select(x > 0, V(lambda), exp_negative_times(min(V(0), x), lambda * alpha));
  }
  template <class V> static V slope_from_output(V y, const Parameters&) {
    return select(y > 0, V(lambda), y + V(lambda * alpha));
  }
};

struct Gelu {
  static constexpr Facts facts = {
      .name = "gelu",
      .formula = "x Phi(x)",
      .derivative = "Phi(x) + x phi(x)",
      .source = "Hendrycks & Gimpel 2016",
  };
  template <class V> static V value(V x, const Parameters&) { return x_normal_cdf(x); }
  template <class V> static V slope(V x, const Parameters&) { return x_normal_cdf_slope(x); }
};

struct GeluTanh {
  static constexpr Facts facts = {
      .name = "gelu_tanh",
      .formula = "x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2",
      .derivative = "s + x s (1 - s) sqrt(8/pi) (1 + 0.134145 x^2), s = value / x",
      .source = "Hendrycks & Gimpel 2016",
      .accuracy = {.slope = 5, .note = "the last ulp of the slope would cost a tenth more time"},
  };
  template <class V> static V value(V x, const Parameters&) { return x_normal_cdf_by_tanh(x); }
  template <class V> static V slope(V x, const Parameters&) {
    return x_normal_cdf_by_tanh_slope(x);
  }
};

struct Silu {
  static constexpr Facts facts = {
      .name = "silu",
      .aliases = {"swish"},
      .formula = "x / (1 + exp(-beta x))",
      .derivative = "s (1 + beta x (1 - s)) with s = 1 / (1 + exp(-beta x))",
      .source = "Hendrycks & Gimpel 2016; Ramachandran, Zoph & Le 2017",
      .parameters = {{"beta", 1, 0.01, 100, "steepness; large is nearly relu"}},
      .accuracy = {.slope = 4.2,
                   .note =
                       "the reach of the sign change is 0.5 / beta; without a fused multiply-add "
                       "9 slopes of all 2^32 pass 4 ulp, the worst 4.18"},
      .varying = Varying::learnable,
  };
  template <class V> static V value_at(V x, V beta) { return x_sigmoid_at(x, beta); }
  template <class V> static V slope_at(V x, V beta) { return x_sigmoid_slope_at(x, beta); }
  template <class V> static V parameter_slope(V x, V beta) { return x_sigmoid_in_beta(x, beta); }
  template <class V> static V value(V x, const Parameters& p) { return x_sigmoid(x, p[0]); }
  template <class V> static V slope(V x, const Parameters& p) { return x_sigmoid_slope(x, p[0]); }
};

struct Mish {
  static constexpr Facts facts = {
      .name = "mish",
      .formula = "x tanh(ln(1 + exp(x)))",
      .derivative = "t + x (1 - t^2) / (1 + exp(-x)) with t = value / x",
      .source = "Misra 2020",
      .accuracy = {.slope = 4.5, .note = "the slope passes 4 ulp around x = -0.2"},
  };
  template <class V> static V value(V x, const Parameters&) { return x_tanh_softplus(x); }
  template <class V> static V slope(V x, const Parameters&) { return x_tanh_softplus_slope(x); }
};

struct Softplus {
  static constexpr Facts facts = {
      .name = "softplus",
      .formula = "ln(1 + exp(x))",
      .derivative = "1 / (1 + exp(-x))",
      .source = "Dugas et al. 2001",
      .onnx = "Softplus",
  };
  template <class V> static V value(V x, const Parameters&) {
    return max(V(0), x) + log1p_unit(exp_negative(-abs(x)));
  }
  template <class V> static V slope(V x, const Parameters&) { return sigmoid(x); }
  template <class V> static V slope_from_output(V y, const Parameters&) {
    return -expm1_negative(-y);
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
  template <class V> static V value(V x, const Parameters&) { return sigmoid(x); }
  template <class V> static V slope(V x, const Parameters&) {
    const V z = exp_negative(-abs(x));
    return z / fma(z, z + 2, V(1));
  }
  template <class V> static V slope_from_output(V y, const Parameters&) { return y * (V(1) - y); }
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
  template <class V> static V value(V x, const Parameters&) { return tanh(x); }
  template <class V> static V slope(V x, const Parameters&) {
    const V z = exp_negative(V(-2) * abs(x));
    return 4 * z / fma(z, z + 2, V(1));
  }
  template <class V> static V slope_from_output(V y, const Parameters&) {
    return (V(1) - y) * (V(1) + y);
  }
};

struct HardTanh {
  static constexpr Facts facts = {
      .name = "hard_tanh",
      .formula = "max(-1, min(1, x))",
      .derivative = "1 if -1 < x < 1 else 0",
      .kink = "0 at -1 and 1",
      .source = "Collobert 2004",
      .onnx = "Clip",
      .initialiser = Initialiser::glorot_uniform,
  };
  template <class V> static V value(V x, const Parameters&) { return max(V(-1), min(V(1), x)); }
  template <class V> static V slope(V x, const Parameters&) {
    return select(abs(x) < 1, V(1), select(x == x, V(0), x));
  }
  template <class V> static V slope_from_output(V y, const Parameters& p) { return slope(y, p); }
  static constexpr bool mask_slope(const Parameters&) { return true; }
};

struct AbsTanh {
  static constexpr Facts facts = {
      .name = "abs_tanh",
      .formula = "|tanh(x)|",
      .derivative = "sign(x) (1 - y^2)",
      .kink = "0 at 0",
      .source = "Jarrett et al. 2009",
      .initialiser = Initialiser::glorot_uniform,
  };
  template <class V> static V value(V x, const Parameters&) { return abs(tanh(x)); }
  template <class V> static V slope(V x, const Parameters& p) {
    return select(x == 0, V(0), copysign(Tanh::slope(x, p), x));
  }
};

struct Relu6 {
  static constexpr Facts facts = {
      .name = "relu6",
      .formula = "min(max(0, x), 6)",
      .derivative = "1 if 0 < x < 6 else 0",
      .kink = "0 at 0 and 6",
      .source = "Krizhevsky 2010",
      .onnx = "Clip",
      .initialiser = Initialiser::he_normal,
      .rectifier = true,
  };
  template <class V> static V value(V x, const Parameters&) { return min(V(6), max(V(0), x)); }
  template <class V> static V slope(V x, const Parameters&) {
    return select((x > 0) & (x < 6), V(1), select(x == x, V(0), x));
  }
  template <class V> static V slope_from_output(V y, const Parameters& p) { return slope(y, p); }
  static constexpr bool mask_slope(const Parameters&) { return true; }
};

struct HardSwish {
  static constexpr Facts facts = {
      .name = "hard_swish",
      .formula = "x min(max(0, x + 3), 6) / 6",
      .derivative = "0 if x <= -3, 1 if x >= 3, else (2 x + 3) / 6",
      .kink = "0 at -3, 1 at 3",
      .source = "Howard et al. 2019",
      .onnx = "HardSwish",
  };
  template <class V> static V value(V x, const Parameters&) {
    return max(V(-3), x) * (min(V(6), max(V(0), x + 3)) * (1.0 / 6));
  }
  template <class V> static V slope(V x, const Parameters&) {
    return select(x <= -3, V(0), select(x >= 3, V(1), (x + x + 3) * (1.0 / 6)));
  }
};

struct HardSigmoid {
  static constexpr Facts facts = {
      .name = "hard_sigmoid",
      .formula = "min(max(0, x + 3), 6) / 6",
      .derivative = "1/6 if -3 < x < 3 else 0",
      .kink = "0 at -3 and 3",
      .source = "Howard et al. 2019",
      .onnx = "HardSigmoid",
      .initialiser = Initialiser::glorot_uniform,
  };
  template <class V> static V value(V x, const Parameters&) {
    return min(V(6), max(V(0), x + 3)) * (1.0 / 6);
  }
  template <class V> static V slope(V x, const Parameters&) {
    return select(abs(x) < 3, V(1.0 / 6), select(x == x, V(0), x));
  }
};

struct ReluSquared {
  static constexpr Facts facts = {
      .name = "relu_squared",
      .aliases = {"squared_relu"},
      .formula = "max(0, x)^2",
      .derivative = "2 max(0, x)",
      .kink = "0 at 0, the derivative from both sides",
      .source = "So et al. 2021",
      .rectifier = true,
  };
  template <class V> static V value(V x, const Parameters&) { return max(V(0), x) * max(V(0), x); }
  template <class V> static V slope(V x, const Parameters&) { return 2 * max(V(0), x); }
};

struct Softsign {
  static constexpr Facts facts = {
      .name = "softsign",
      .formula = "x / (1 + |x|)",
      .derivative = "1 / (1 + |x|)^2",
      .source = "Bergstra et al. 2009",
      .onnx = "Softsign",
      .initialiser = Initialiser::glorot_uniform,
  };
  template <class V> static V value(V x, const Parameters&) {
    const V a = min(V(1e30), abs(x));  // inf / inf would be NaN
    return copysign(a / (a + 1), x);
  }
  template <class V> static V slope(V x, const Parameters&) {
    const V r = 1 / (abs(x) + 1);
    return r * r;
  }
};

struct ThresholdRelu {
  static constexpr Facts facts = {
      .name = "threshold_relu",
      .aliases = {"thresholded_relu"},
      .formula = "x if x > theta else 0",
      .derivative = "1 if x > theta else 0",
      .kink = "0 at theta, where the value jumps",
      .source = "Konda, Memisevic & Krueger 2015",
      .onnx = "ThresholdedRelu",
      .parameters = {{"theta", 1, 0, 100, "inputs up to it give 0"}},
      .initialiser = Initialiser::he_normal,
      .rectifier = true,
  };
  template <class V> static V value(V x, const Parameters& p) {
    return select(x <= V(p[0]), V(0), x);
  }
  template <class V> static V slope(V x, const Parameters& p) {
    return select(x <= V(p[0]), V(0), select(x == x, V(1), x));
  }
  template <class V> static V slope_from_output(V y, const Parameters&) {
    return select(y > 0, V(1), y);
  }
  static constexpr bool mask_slope(const Parameters&) { return true; }
};

/// A sum of binary units whose biases are one step apart. Softplus and noisy_relu approximate it.
struct SteppedSigmoid {
  static constexpr Facts facts = {
      .name = "stepped_sigmoid",
      .formula = "sum over i = 1 ... n of 1 / (1 + exp(-(x - i + 1/2)))",
      .derivative = "sum of the terms' s (1 - s)",
      .source = "Nair & Hinton 2010",
      .parameters = {{"n", 100, 1, 200, "binary units"}},
      .accuracy = {.note = "as slow as n sigmoids: for study, not for speed"},
  };
  template <class V> static V value(V x, const Parameters& p) {
    return sum_of_steps(x, p[0], [](V v, double c) { return sigmoid_shifted(v, c); });
  }
  template <class V> static V slope(V x, const Parameters& p) {
    return sum_of_steps(x, p[0], [](V v, double c) { return sigmoid_slope_shifted(v, c); });
  }
};

/// The noise has the *variance* sigmoid(x). The slope treats the noise as a constant.
struct NoisyRelu {
  static constexpr Facts facts = {
      .name = "noisy_relu",
      .aliases = {"nrelu"},
      .formula = "max(0, x + n), n from N(0, variance 1 / (1 + exp(-x))) in training, 0 otherwise",
      .derivative = "1 if x + n > 0 else 0",
      .kink = "0 at 0",
      .source = "Nair & Hinton 2010",
      .initialiser = Initialiser::he_normal,
      .rectifier = true,
      .varying = Varying::normal,
  };
  template <class V> static V value_at(V x, V n) { return max(V(0), x + sqrt(sigmoid(x)) * n); }
  template <class V> static V slope_at(V x, V n) {
    return Relu::slope_from_output(value_at(x, n), {});
  }
  template <class V> static V value(V x, const Parameters&) { return max(V(0), x); }
  template <class V> static V slope(V x, const Parameters&) {
    return Relu::slope_from_output(max(V(0), x), {});
  }
  static constexpr bool mask_slope(const Parameters&) { return true; }
};

using Family = Rows<Identity, Relu, LeakyRelu, Prelu, Rrelu, Elu, Celu, Selu, Gelu, GeluTanh, Silu,
                    Mish, Softplus, Sigmoid, Tanh, HardTanh, AbsTanh, Relu6, HardSwish, HardSigmoid,
                    ReluSquared, Softsign, ThresholdRelu, SteppedSigmoid, NoisyRelu>;

}  // namespace rectify::activation

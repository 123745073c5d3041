#pragma once

#include <array>
#include <string_view>

namespace rectify::graph {

/// The names of the initialisers in a model's text; train/initialise.h says what each one does.
/// `auto` is the default initialiser of the activation that follows.
inline constexpr std::array<std::string_view, 13> initialiser_names = {
    "auto",           "auto_normal",   "he_normal",     "he_uniform",  "glorot_normal",
    "glorot_uniform", "lecun_normal",  "lecun_uniform", "gain_normal", "orthogonal",
    "identity",       "small_uniform", "whitening"};

}  // namespace rectify::graph

#pragma once

#include <array>
#include <string>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// What a kind of data is given: the SPEC as the person wrote it (for errors and for the data set),
/// and what stands behind its first colon.
struct Request {
  std::string spec;
  std::string argument;
  std::string what() const { return "data '" + spec + "'"; }
};

/// Makes the data set of one kind. The caller fills in `spec` and checks the splits.
using Opener = Dataset (*)(const Request& request, ThreadPool& threads);

Dataset open_glyphs(const Request& request, ThreadPool& threads);
Dataset open_mnist(const Request& request, ThreadPool& threads);
Dataset open_moons(const Request& request, ThreadPool& threads);
Dataset open_spirals(const Request& request, ThreadPool& threads);

struct Kind {
  const char* name;
  const char* form;  ///< how it is written
  Opener open;
};

/// Every kind there is.
inline constexpr std::array kinds = {
    Kind{"glyphs", "glyphs[:classes=digits,train=20000,test=5000,seed=1,difficulty=0.5]",
         open_glyphs},
    Kind{"mnist", "mnist:DIR", open_mnist},
    Kind{"moons", "moons[:train=2000,test=1000,seed=1,noise=0.15]", open_moons},
    Kind{"spirals", "spirals[:train=2000,test=1000,seed=1,noise=0.03]", open_spirals},
};

}  // namespace rectify::data

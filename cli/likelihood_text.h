#pragma once

#include <span>
#include <string>

#include "rectify/base/json.h"
#include "rectify/pretrain/likelihood/likelihood.h"

namespace rectify::cli {

/// Free energies of samples of a SPEC: how many, mean, deviation, least and largest.
Json json_of_energies(const std::string& spec, std::span<const double> energies);
std::string energies_text(const std::string& spec, std::span<const double> energies);

/// A log-likelihood, with the estimates that it comes from.
Json json_of_likelihood(const pretrain::LogLikelihood& likelihood);
std::string likelihood_text(const pretrain::LogLikelihood& likelihood);

}  // namespace rectify::cli

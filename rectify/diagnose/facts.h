#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/diagnose/data_figures.h"
#include "rectify/diagnose/rate_test.h"
#include "rectify/diagnose/signal.h"
#include "rectify/diagnose/unit_figures.h"
#include "rectify/model/model.h"
#include "rectify/train/options.h"
#include "rectify/train/records.h"

namespace rectify::diagnose {

/// A network at one moment.
struct Look {
  std::size_t inputs = 0;  ///< that the units were measured on
  Signal signal;
  std::vector<LayerFigures> layers;
};

/// How a training went, as far as it went.
struct Outcome {
  std::vector<train::EpochRecord> history;
  std::string trouble;     ///< why it ended early: the text of train::NonFinite; empty: it did not
  double steps = 0;        ///< optimiser steps taken
  double error = 0;        ///< of the last weights on what was held out
  double train_error = 0;  ///< of them on as many training samples
  double baseline_error = 0;  ///< of the best constant answer
  double baseline_loss = 0;   ///< the loss of the best constant answer; 0 if unknown
  bool one_answer = false;    ///< all samples get the same answer
  std::size_t samples = 0;    ///< that the error was measured on
  bool classes = true;

  /// Error and baseline where each sample counts as its class weighs, and how many samples of equal
  /// weight tell as much: (sum of the weights)^2 / (sum of their squares), of Kish 1965.
  struct Weighed {
    double error = 0, baseline_error = 0, samples = 0;
  };
  std::optional<Weighed> weighed = {};  ///< of a run with class weights

  /// What the network is judged by: the weighed figures, where there are any.
  Weighed judged() const;

  /// Whether the error is below the baseline by more than luck: a constant answer is wrong as
  /// rarely in one of 100 draws of the samples at most.
  bool beats_chance() const;
  /// Whether the samples are enough to tell a network of half the baseline's error from chance.
  bool can_tell() const;
  /// Whether the answers are clearly better than the best constant one.
  bool learned() const;
  /// Whether they are not better at all, or by no more than luck although there are samples enough.
  bool failed() const;
};

/// All that is known about a network, before or after its training. What could not be measured is
/// not there.
struct Facts {
  std::string data;        ///< the SPEC
  train::Options options;  ///< what training was asked for; the usual ones if nobody knows
  bool options_are_known = false;
  std::optional<graph::Graph> network;
  std::string loss;
  DataFigures inputs;
  Relation relation;
  std::optional<Look> start;  ///< at the initial weights
  std::optional<Look> end;    ///< at the last weights of a training, or those of a model's file
  std::optional<Outcome> outcome;
  RateTest rates;
  SmallFit small_fit;

  /// The latest look there is; null when there is none.
  const Look* latest() const { return end ? &*end : start ? &*start : nullptr; }
  bool failed() const { return outcome && (outcome->failed() || !outcome->trouble.empty()); }
};

/// What can be known before training. Takes about a second, whatever the network. Throws Error
/// where the data contradict themselves (data::check), or network and data do not fit together;
/// data of one class only are a finding, not an error.
Facts facts_before(const train::Options& options, const data::Dataset& dataset,
                   ThreadPool& threads);

/// A training that is over, or has been stopped: what it was asked for, its last weights, the
/// records of its epochs, and what broke it.
struct PastRun {
  train::Options options;
  const model::Model& last;
  std::vector<train::EpochRecord> history;
  std::string trouble;
};
Facts facts_of_run(const PastRun& run, const data::Dataset& dataset, ThreadPool& threads);

/// A model whose training nobody knows, by its answers to `samples` of `split`.
Facts facts_of_model(const model::Model& model, const data::Dataset& dataset,
                     const data::Split& split, std::span<const std::uint32_t> samples,
                     ThreadPool& threads);

}  // namespace rectify::diagnose

#pragma once

#include <functional>

#include "rectify/base/progress.h"
#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/train/options.h"

namespace rectify::lab {

/// What a short training made of a model, on validation samples.
struct Tuned {
  double error_before = 0;     ///< of the weights that it began with
  double error = 0, loss = 0;  ///< of the best epoch's
  int best_epoch = 0;          ///< 0: no epoch was better than the weights that it began with
};

/// Trains a model that is trained already, as the options say, from the weights and with the
/// normalisation that it has, and leaves the weights of the epoch that was best on validation in
/// it. Of the options data, model, loss, init, weights, normalise, ema, patience and validation are
/// not read. `settle`, unless empty, may change the weights after each epoch, before it is
/// measured. The same bits for any number of threads. Throws NonFinite, and Stopped where `stop`
/// says so.
Tuned fine_tune(model::Model& model, const train::Options& options, const data::Dataset& dataset,
                const data::Partition& parts, ThreadPool& threads,
                const std::function<void()>& settle, const ProgressCallback& progress,
                const StopCallback& stop);

}  // namespace rectify::lab

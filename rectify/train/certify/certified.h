#pragma once

#include <string>

#include "rectify/graph/graph.h"
#include "rectify/train/options.h"

/// Training of a classifier whose answers can be proven to stay when a sample is changed by little:
/// interval bound propagation (Gowal et al. 2018). The loss of the worst margins that the bounds
/// leave is added to the usual loss, with a weight that rises.
namespace rectify::train {

/// Labels of graph inputs that a CertifiedFeed fills: centre and radius of the box around each
/// sample, and a factor on the loss of its worst margins.
inline constexpr const char* box_centre = "certify.centre";
inline constexpr const char* box_radius = "certify.radius";
inline constexpr const char* certified_weight = "certify.weight";

/// Appends the inputs of a box and the network's worst margins over it (ops/worst_margins.cpp);
/// returns the node of the margins. The graph has a "target" of classes. Throws Error for a network
/// that does not end in a dense layer over one matrix row, and as pass::bound() does.
graph::NodeId add_worst_margins(graph::Graph& graph);

/// How strong certified training is at some time.
struct Strength {
  double eps = 0;     ///< of the box
  double weight = 0;  ///< of the worst margins' loss, beside the usual one with 1
};

/// After `done` epochs: 0 during Options::certify_warmup, then both rise in a straight line for
/// Options::certify_ramp epochs.
Strength strength_at(const Options& options, double done);

/// The two numbers of epochs, where Options leave them open: a twentieth and a half of all.
double certify_warmup_of(const Options& options);
double certify_ramp_of(const Options& options);

/// Throws Error for options that --certify does not go with, and for other losses than softmax's.
void check_certify(const Options& options, const std::string& loss);

}  // namespace rectify::train

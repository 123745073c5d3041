#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rectify::graph {

/// The widths of the hidden layers of the default network, which is used when the user names none.
inline constexpr std::string_view usual_hidden = "256,256";

/// A network that comes with the library. Each is a file of graph/zoo/, which the build embeds. The
/// lines that begin with # are its summary, the others its text.
struct ZooModel {
  std::string name;     ///< the name of its file: "mlp-3"
  std::string summary;  ///< a sentence
  std::string text;
};

/// All networks of the zoo, in the order of their names.
const std::vector<ZooModel>& zoo();

/// The network with this name; null when there is none.
const ZooModel* find_in_zoo(std::string_view name);

/// The text of the network with this name. A model's text, which has a ':', is returned unchanged.
/// Throws Error, which suggests the nearest name.
std::string network_text(const std::string& text_or_name);

}  // namespace rectify::graph

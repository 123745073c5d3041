#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>

#include "rectify/base/file.h"
#include "rectify/onnx/each_sample.h"
#include "rectify/onnx/general.h"
#include "rectify/onnx/onnx.h"
#include "rectify/onnx/prepare.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/wire.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx {

namespace {

/// How many samples the model says that it takes at once and answers to; 0 if it does not say.
std::int64_t fixed_batch(const pb::ModelProto& model) {
  const auto first = [](const pb::ValueInfoProto& info) -> std::int64_t {
    const auto& shape = info.type().tensor_type().shape();
    return shape.dim_size() > 0 ? shape.dim(0).dim_value() : 0;
  };
  if (count_inputs(model) != 1) return 0;
  const std::int64_t batch = first(model.graph().input(0));
  return batch > 0 && first(model.graph().output(0)) == batch ? batch : 0;
}

/// For one sample. A model for a fixed number of them is read for all of them at once too: where
/// these answers are others, axis 0 is no batch, and all is one sample.
Network read_in_general(const pb::ModelProto& model, const std::filesystem::path& folder) {
  constexpr std::int64_t one = 1, as_it_says = 0;
  const std::int64_t batch = fixed_batch(model);
  if (batch <= 1) return GeneralReader(model, folder, as_it_says).read();
  std::optional<Network> all;
  try {
    all = GeneralReader(model, folder, as_it_says).read();
    constexpr std::int64_t most = std::int64_t{1} << 24;  // what is tried out
    if (all->inputs[0].size() > most || all->answer.size() > most) return std::move(*all);
  } catch (const Error&) {
  }
  try {
    Network each = GeneralReader(model, folder, one).read();
    return all && !same_for_each(each, *all, batch) ? std::move(*all) : std::move(each);
  } catch (const Error&) {
    if (!all) throw;
    return std::move(*all);
  }
}

/// As layers, if it consists of layers, images channels first or not; else in the general way. The
/// likelier layout comes first: a model that only flattens its images can be read with either.
Network read_as(const pb::ModelProto& model, const std::filesystem::path& folder, bool join) {
  std::exception_ptr damage;  // what is no question of the way to read
  std::array layouts = {Layout::images, Layout::natural};
  if (channels_last(model)) std::swap(layouts[0], layouts[1]);
  if (!join || count_inputs(model) == 1)
    for (const Layout layout : layouts) try {
        return Reader(model, folder, layout).read();
      } catch (const Unmapped&) {
      } catch (const Error&) {
        if (!damage) damage = std::current_exception();
      }
  try {
    return read_in_general(model, folder);
  } catch (const Error&) {
    if (damage) std::rethrow_exception(damage);
    throw;
  }
}

}  // namespace

bool is_onnx(const std::filesystem::path& path) { return path.extension() == ".onnx"; }

Network decode(std::string_view bytes, const std::string& name, const std::filesystem::path& folder,
               const ReadOptions& options) {
  try {
    check_wire(bytes);
    pb::ModelProto model;
    if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph())
      fail("it is no ONNX model");
    const std::string output = prepare(model, options);
    Network network = read_as(model, folder, options.join_inputs);
    network.output = output;
    return network;
  } catch (const OpenExtent& error) {
    throw OpenExtent(concat("'", name, "': ", error.what()));
  } catch (const Unmapped& error) {
    throw Unmapped(concat("'", name, "': ", error.what()));
  } catch (const Error& error) {
    fail("'", name, "': ", error.what());
  }
}

Network load(const std::filesystem::path& path, const ReadOptions& options) {
  const std::string bytes = read_file(path, most_bytes);
  const std::filesystem::path folder = path.parent_path();
  return decode(bytes, path.string(), folder.empty() ? "." : folder, options);
}

std::string encode(const Network& network) {
  pb::ModelProto model = Writer(network).write();
  if (model.ByteSizeLong() > most_bytes)
    fail("the model is larger than the 2 GiB that an ONNX file can have");
  try {
    ::onnx::checker::check_model(model);
    constexpr bool types = true;
    constexpr int strict = 1;
    ::onnx::shape_inference::InferShapes(model, ::onnx::OpSchemaRegistry::Instance(),
                                         {types, strict});
    model.mutable_graph()->clear_value_info();  // the shapes that were inferred
  } catch (const std::exception& error) {
    fail("the model that was written is no valid ONNX model: ", error.what());
  }
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  model.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

void save(const std::filesystem::path& path, const Network& network) {
  write_file(path, encode(network));
}

}  // namespace rectify::onnx

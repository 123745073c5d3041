#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include "rectify/base/file.h"
#include "rectify/onnx/onnx.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/wire.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx {

namespace {

Network read_as(const pb::ModelProto& model, const std::filesystem::path& folder) {
  try {
    return Reader(model, folder, Layout::images).read();
  } catch (const Unmapped& as_images) {
    try {
      return Reader(model, folder, Layout::natural).read();
    } catch (const Unmapped&) {
      throw as_images;
    }
  }
}

}  // namespace

bool is_onnx(const std::filesystem::path& path) { return path.extension() == ".onnx"; }

Network decode(std::string_view bytes, const std::string& name,
               const std::filesystem::path& folder) {
  try {
    check_wire(bytes);
    pb::ModelProto model;
    if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph())
      fail("it is no ONNX model");
    return read_as(model, folder);
  } catch (const Unmapped& error) {
    throw Unmapped(concat("'", name, "': ", error.what()));
  } catch (const Error& error) {
    fail("'", name, "': ", error.what());
  }
}

Network load(const std::filesystem::path& path) {
  const std::string bytes = read_file(path, most_bytes);
  const std::filesystem::path folder = path.parent_path();
  return decode(bytes, path.string(), folder.empty() ? "." : folder);
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

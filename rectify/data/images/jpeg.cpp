// JPEG files, by libjpeg-turbo. The library reports an error by a jump (longjmp) out of its frames.
// So the code that it may jump over has no objects with destructors; buffers belong to the caller.

// jpeglib.h needs the first two, jerror.h needs jpeglib.h.
// clang-format off
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <array>
#include <csetjmp>
#include <string_view>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/data/images/image.h"

namespace rectify::data {

namespace {

// A block of 64 pixels takes at least one bit. Colours can share blocks, but this gains less than
// the limit allows.
constexpr std::size_t max_pixels_per_byte = 512;
// A progressive picture has about ten scans. A file with many more is meant to keep a reader busy.
constexpr int max_scans = 200;

struct Errors {
  jpeg_error_mgr
      base;  // first member, so that the library's pointer to it also points to this struct
  std::jmp_buf back;
  std::array<char, JMSG_LENGTH_MAX> message{};
};

[[noreturn]] void jump_back(j_common_ptr jpeg) {
  auto* errors = reinterpret_cast<Errors*>(jpeg->err);
  errors->base.format_message(jpeg, errors->message.data());
  std::longjmp(errors->back, 1);
}

/// For missing or senseless data the library only warns, and goes on in grey. For training that
/// would be a damaged sample.
void judge_warning(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
      jump_back(jpeg);
    default:
      break;
  }
}

void limit_scans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= max_scans) return;
  jpeg->err->msg_code = JERR_BAD_PROGRESSION;
  jump_back(jpeg);
}

/// The state of the library, which is released at the end.
struct Decoder {
  jpeg_decompress_struct jpeg{};
  Errors errors{};
  jpeg_progress_mgr progress{};

  Decoder() {
    jpeg.err = jpeg_std_error(&errors.base);
    errors.base.error_exit = jump_back;
    errors.base.emit_message = judge_warning;
    progress.progress_monitor = limit_scans;
  }
  ~Decoder() { jpeg_destroy_decompress(&jpeg); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
};

bool read_header(Decoder& decoder, const unsigned char* from, std::size_t size) {
  if (setjmp(decoder.errors.back)) return false;
  jpeg_create_decompress(&decoder.jpeg);
  decoder.jpeg.progress = &decoder.progress;
  jpeg_mem_src(&decoder.jpeg, from, size);
  jpeg_save_markers(&decoder.jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&decoder.jpeg, TRUE);
  return true;
}

bool read_rows(Decoder& decoder, unsigned char* out, std::size_t row_bytes) {
  if (setjmp(decoder.errors.back)) return false;
  jpeg_start_decompress(&decoder.jpeg);
  while (decoder.jpeg.output_scanline < decoder.jpeg.output_height) {
    JSAMPROW row = out + decoder.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&decoder.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&decoder.jpeg);
  return true;
}

int orientation_of(const jpeg_decompress_struct& jpeg) {
  for (jpeg_saved_marker_ptr at = jpeg.marker_list; at; at = at->next) {
    const std::string_view segment(reinterpret_cast<const char*>(at->data), at->data_length);
    if (const int found = exif_orientation(segment); found != 1) return found;
  }
  return 1;
}

}  // namespace

Image decode_jpeg(std::string_view content, const std::string& name) {
  Decoder decoder;
  const auto give_up = [&] {
    fail("'", name, "' is a damaged JPEG file (", decoder.errors.message.data(),
         "); replace or remove it");
  };
  if (!read_header(decoder, reinterpret_cast<const unsigned char*>(content.data()), content.size()))
    give_up();
  jpeg_decompress_struct& jpeg = decoder.jpeg;
  if (jpeg.num_components != 1 && jpeg.num_components != 3)
    fail("'", name, "' has ", jpeg.num_components,
         " colour channels; save it as grey or RGB (CMYK is not read)");
  check_pixels(jpeg.image_width, jpeg.image_height, content.size() * max_pixels_per_byte, name);
  jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  Image image;
  image.width = jpeg.image_width;
  image.height = jpeg.image_height;
  image.channels = static_cast<std::size_t>(jpeg.num_components);
  image.bytes.resize(image.width * image.height * image.channels);
  const int orientation = orientation_of(jpeg);  // whose memory goes when all rows are read
  if (!read_rows(decoder, image.bytes.data(), image.width * image.channels)) give_up();
  return upright(std::move(image), orientation);
}

}  // namespace rectify::data

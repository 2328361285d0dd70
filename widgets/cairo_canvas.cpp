// PDF and PNG through Cairo. The only file in Plateau that includes Cairo.
#include <cmath>
#include <functional>
#include <vector>

#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <cairo.h>

#include "widgets/figure_files.h"
#include "widgets/figure_text.h"
#include "widgets/png_chunks.h"

namespace plateau::widgets {
namespace {

cairo_status_t append(void* to, const unsigned char* bytes, unsigned count) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

cairo_status_t write_to_file(void* to, const unsigned char* bytes, unsigned count) {
  static_cast<WholeFile*>(to)->write({reinterpret_cast<const char*>(bytes), count});
  return CAIRO_STATUS_SUCCESS; // a failure is kept in the file until finish()
}

// The picture as a Cairo surface, each pixel `factor` times as wide and high; alpha multiplied in.
cairo_surface_t* to_surface(const Image& image, int factor) {
  cairo_surface_t* surface =
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, image.width() * factor, image.height() * factor);
  cairo_surface_flush(surface);
  auto* bytes = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  const auto rgba = image.rgba();
  for (int y = 0; y < image.height() * factor; ++y) {
    auto* row = reinterpret_cast<std::uint32_t*>(bytes + std::ptrdiff_t(y) * stride);
    for (int x = 0; x < image.width() * factor; ++x) {
      const auto* p = &rgba[4 * (std::size_t(y / factor) * image.width() + x / factor)];
      const std::uint32_t alpha = p[3];
      const auto channel = [&](int c) { return (std::uint32_t(p[c]) * alpha + 127) / 255; };
      row[x] = alpha << 24 | channel(0) << 16 | channel(1) << 8 | channel(2);
    }
  }
  cairo_surface_mark_dirty(surface);
  return surface;
}

Image to_image(cairo_surface_t* surface) {
  cairo_surface_flush(surface);
  const int width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
  const auto* bytes = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  std::vector<std::uint8_t> rgba;
  rgba.reserve(std::size_t(width) * std::size_t(height) * 4);
  for (int y = 0; y < height; ++y) {
    const auto* row = reinterpret_cast<const std::uint32_t*>(bytes + std::ptrdiff_t(y) * stride);
    for (int x = 0; x < width; ++x) {
      const std::uint32_t alpha = row[x] >> 24;
      for (const int shift : {16, 8, 0}) {
        const std::uint32_t channel = row[x] >> shift & 255;
        rgba.push_back(std::uint8_t(alpha ? (channel * 255 + alpha / 2) / alpha : 0));
      }
      rgba.push_back(std::uint8_t(alpha));
    }
  }
  return Image(width, height, std::move(rgba));
}

class CairoCanvas : public FileCanvas {
public:
  explicit CairoCanvas(Size size) : size_(size), fonts_(std::make_shared<FigureFonts>()) {}

  ~CairoCanvas() override {
    if (cairo_) cairo_destroy(cairo_);
    for (auto* face : faces_)
      if (face) cairo_font_face_destroy(face);
    if (surface_) {
      cairo_surface_finish(surface_);
      cairo_surface_destroy(surface_);
    }
  }

  Size size() const override { return size_; }

  void polyline(std::span<const Point> points, const Stroke& stroke) override {
    cairo_new_path(cairo_);
    bool pen_down = false;
    for (const Point p : points) {
      if (!std::isfinite(p.x) || !std::isfinite(p.y)) {
        pen_down = false;
        continue;
      }
      if (pen_down)
        cairo_line_to(cairo_, p.x, p.y);
      else
        cairo_move_to(cairo_, p.x, p.y);
      pen_down = true;
    }
    finish_stroke(stroke);
  }

  void polygon(std::span<const Point> points, Color fill) override {
    cairo_new_path(cairo_);
    for (const Point p : points) cairo_line_to(cairo_, p.x, p.y);
    cairo_close_path(cairo_);
    finish_fill(fill);
  }

  void band(std::span<const Point> upper, std::span<const Point> lower, Color fill) override {
    const std::size_t count = std::min(upper.size(), lower.size());
    const auto whole = [&](std::size_t i) {
      return std::isfinite(upper[i].x) && std::isfinite(upper[i].y) && std::isfinite(lower[i].y);
    };
    cairo_new_path(cairo_);
    for (std::size_t begin = 0; begin < count;) {
      std::size_t end = begin;
      while (end < count && whole(end)) ++end;
      for (std::size_t i = begin; i < end; ++i)
        (i == begin ? cairo_move_to : cairo_line_to)(cairo_, upper[i].x, upper[i].y);
      for (std::size_t i = end; i-- > begin;) cairo_line_to(cairo_, lower[i].x, lower[i].y);
      if (end > begin) cairo_close_path(cairo_);
      begin = end + 1;
    }
    finish_fill(fill);
  }

  void fill_rect(const Rect& rect, Color fill, float rounding) override {
    rectangle(rect, rounding);
    finish_fill(fill);
  }

  void stroke_rect(const Rect& rect, const Stroke& stroke, float rounding) override {
    rectangle(rect, rounding);
    finish_stroke(stroke);
  }

  void fill_circle(Point center, float radius, Color fill) override {
    cairo_new_path(cairo_);
    cairo_arc(cairo_, center.x, center.y, radius, 0, 2 * M_PI);
    finish_fill(fill);
  }

  void stroke_circle(Point center, float radius, const Stroke& stroke) override {
    cairo_new_path(cairo_);
    cairo_arc(cairo_, center.x, center.y, radius, 0, 2 * M_PI);
    finish_stroke(stroke);
  }

  void text(Point at, std::string_view utf8, const TextStyle& style) override {
    if (utf8.empty()) return;
    const Point offset = text_offset(*fonts_, utf8, style);
    cairo_save(cairo_);
    cairo_translate(cairo_, at.x, at.y);
    if (style.upwards) cairo_rotate(cairo_, -M_PI / 2);
    set_color(style.color);
    cairo_set_font_size(cairo_, style.size);
    float x = offset.x;
    for (const auto& piece : fonts_->pieces(utf8, style.face)) {
      cairo_set_font_face(cairo_, font_face(piece.slot));
      cairo_move_to(cairo_, x, offset.y);
      cairo_show_text(cairo_, piece.text.c_str());
      x += piece.width * style.size;
    }
    cairo_restore(cairo_);
  }

  Size measure(std::string_view utf8, float size, FontFace face) override {
    return fonts_->measure(utf8, size, face);
  }

  void image(const Rect& where, const Image& image, Interpolation interpolation) override {
    if (image.width() == 0 || image.height() == 0) return;
    const int factor = sharp_factor(image, interpolation);
    cairo_surface_t* pixels = to_surface(image, factor);
    cairo_save(cairo_);
    cairo_rectangle(cairo_, where.x, where.y, where.width, where.height);
    cairo_clip(cairo_);
    cairo_translate(cairo_, where.x, where.y);
    cairo_scale(cairo_, where.width / float(image.width() * factor),
                where.height / float(image.height() * factor));
    cairo_set_source_surface(cairo_, pixels, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo_), interpolation == Interpolation::Nearest
                                                           ? CAIRO_FILTER_NEAREST
                                                           : CAIRO_FILTER_BILINEAR);
    cairo_pattern_set_extend(cairo_get_source(cairo_), CAIRO_EXTEND_PAD);
    cairo_paint(cairo_);
    cairo_restore(cairo_);
    cairo_surface_destroy(pixels);
  }

  void push_clip(const Rect& rect) override {
    cairo_save(cairo_);
    cairo_rectangle(cairo_, rect.x, rect.y, rect.width, rect.height);
    cairo_clip(cairo_);
  }
  void pop_clip() override { cairo_restore(cairo_); }

protected:
  void start(cairo_surface_t* surface) {
    surface_ = surface;
    cairo_ = cairo_create(surface);
    cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
  }
  void check(cairo_status_t status) const {
    if (status != CAIRO_STATUS_SUCCESS)
      throw FileError(std::string("drawing the figure failed: ") + cairo_status_to_string(status));
  }

  Size size_;
  std::shared_ptr<FigureFonts> fonts_;
  cairo_surface_t* surface_ = nullptr;
  cairo_t* cairo_ = nullptr;

private:
  void set_color(Color c) { cairo_set_source_rgba(cairo_, c.r, c.g, c.b, c.a); }

  void finish_fill(Color fill) {
    set_color(fill);
    cairo_fill(cairo_);
  }

  void finish_stroke(const Stroke& stroke) {
    float lengths[4];
    const auto pattern = dash_pattern(stroke.dash, stroke.width, lengths);
    const std::vector<double> dashes(pattern.begin(), pattern.end());
    cairo_set_dash(cairo_, dashes.data(), int(dashes.size()), 0);
    cairo_set_line_width(cairo_, stroke.width);
    set_color(stroke.color);
    cairo_stroke(cairo_);
  }

  void rectangle(const Rect& r, float rounding) {
    cairo_new_path(cairo_);
    const double radius = std::min({rounding, r.width / 2, r.height / 2});
    if (radius <= 0) {
      cairo_rectangle(cairo_, r.x, r.y, r.width, r.height);
      return;
    }
    cairo_arc(cairo_, r.right() - radius, r.y + radius, radius, -M_PI / 2, 0);
    cairo_arc(cairo_, r.right() - radius, r.bottom() - radius, radius, 0, M_PI / 2);
    cairo_arc(cairo_, r.x + radius, r.bottom() - radius, radius, M_PI / 2, M_PI);
    cairo_arc(cairo_, r.x + radius, r.y + radius, radius, M_PI, 3 * M_PI / 2);
    cairo_close_path(cairo_);
  }

  // Cairo may keep a face longer than this canvas lives, so the face keeps the fonts.
  cairo_font_face_t* font_face(FigureFonts::Slot slot) {
    if (!faces_[slot]) {
      static const cairo_user_data_key_t key{};
      faces_[slot] = cairo_ft_font_face_create_for_ft_face(fonts_->face(slot), 0);
      cairo_font_face_set_user_data(
          faces_[slot], &key, new std::shared_ptr<FigureFonts>(fonts_),
          [](void* owner) { delete static_cast<std::shared_ptr<FigureFonts>*>(owner); });
      cairo_font_options_t* options = cairo_font_options_create();
      cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
      cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
      cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
      cairo_set_font_options(cairo_, options);
      cairo_font_options_destroy(options);
    }
    return faces_[slot];
  }

  cairo_font_face_t* faces_[FigureFonts::slot_count] = {};
};

class PdfCanvas : public CairoCanvas {
public:
  PdfCanvas(const std::filesystem::path& path, Size size, const Metadata& metadata)
      : CairoCanvas(size), file_(path) {
    start(cairo_pdf_surface_create_for_stream(write_to_file, &file_, size.width, size.height));
    cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_TITLE, metadata.title.c_str());
    cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_SUBJECT, metadata.provenance.c_str());
    cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_CREATOR, "Plateau");
  }

  void finish() override {
    check(cairo_status(cairo_));
    cairo_show_page(cairo_);
    cairo_surface_finish(surface_);
    check(cairo_surface_status(surface_));
    file_.finish();
  }

  // While the file is still there: Cairo writes into it until the surface is finished.
  ~PdfCanvas() override { cairo_surface_finish(surface_); }

private:
  WholeFile file_;
};

/// Pixels in memory.
class PixelCanvas : public CairoCanvas {
public:
  PixelCanvas(Size size, float pixels_per_point) : CairoCanvas(size), resolution_(1 / pixels_per_point) {
    const int width = std::max(1, int(std::lround(size.width * pixels_per_point)));
    const int height = std::max(1, int(std::lround(size.height * pixels_per_point)));
    start(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height));
    check(cairo_surface_status(surface_));
    cairo_scale(cairo_, pixels_per_point, pixels_per_point);
  }

  float resolution() const override { return resolution_; }

private:
  float resolution_;
};

class PngCanvas : public PixelCanvas {
public:
  PngCanvas(const std::filesystem::path& path, Size size, const Metadata& metadata, float pixels_per_point)
      : PixelCanvas(size, pixels_per_point), metadata_(metadata), file_(path) {}

  void finish() override {
    check(cairo_status(cairo_));
    std::string png;
    check(cairo_surface_write_to_png_stream(surface_, append, &png));
    constexpr std::size_t after_header = 8 + 25; // signature and IHDR
    png.insert(after_header, png_text_chunks(metadata_));
    file_.write(png);
    file_.finish();
  }

private:
  Metadata metadata_;
  WholeFile file_;
};

class PictureCanvas : public PixelCanvas {
public:
  PictureCanvas(Size size, float pixels_per_point, std::function<void(const Image&)> receive)
      : PixelCanvas(size, pixels_per_point), receive_(std::move(receive)) {}

  void finish() override {
    check(cairo_status(cairo_));
    receive_(to_image(surface_));
  }

private:
  std::function<void(const Image&)> receive_;
};

} // namespace

std::string encode_png(const Image& image, int factor) {
  std::string png;
  cairo_surface_t* surface = to_surface(image, factor);
  cairo_surface_write_to_png_stream(surface, append, &png);
  cairo_surface_destroy(surface);
  return png;
}

std::unique_ptr<FileCanvas> open_picture(Size size, float pixels_per_point,
                                         std::function<void(const Image&)> receive) {
  return std::make_unique<PictureCanvas>(size, pixels_per_point, std::move(receive));
}

std::unique_ptr<FileCanvas> open_pdf(const std::filesystem::path& path, Size size, const Metadata& metadata) {
  return std::make_unique<PdfCanvas>(path, size, metadata);
}

std::unique_ptr<FileCanvas> open_png(const std::filesystem::path& path, Size size, const Metadata& metadata,
                                     float pixels_per_point) {
  return std::make_unique<PngCanvas>(path, size, metadata, pixels_per_point);
}

} // namespace plateau::widgets

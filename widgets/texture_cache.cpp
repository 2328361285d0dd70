// The one place in widgets/ that talks to OpenGL.
#include <glad/gl.h>

#include "widgets/imgui_canvas.h"
#include "widgets/imgui_compat.h"

namespace plateau::widgets {
namespace {

constexpr std::uint64_t frames_kept = 120; // a map that is scrolled away and back costs no upload

bool has_opengl() {
  return glad_glGenTextures != nullptr;
}

} // namespace

TextureCache::~TextureCache() {
  clear();
}

ImTextureID TextureCache::texture(const Image& image, Interpolation interpolation) {
  if (!has_opengl()) return texture_id(0);
  auto& entry = textures_[image.key() * 2 + (interpolation == Interpolation::Linear)];
  entry.last_used = frame_;
  if (entry.name == 0) {
    const int filter = interpolation == Interpolation::Linear ? GL_LINEAR : GL_NEAREST;
    GLint bound = 0;
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &bound);
    glGenTextures(1, &entry.name);
    glBindTexture(GL_TEXTURE_2D, entry.name);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, filter);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filter);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, image.width(), image.height(), 0, GL_RGBA, GL_UNSIGNED_BYTE,
                 image.rgba().data());
    glBindTexture(GL_TEXTURE_2D, GLuint(bound));
    ++uploads_;
  }
  return texture_id(entry.name);
}

void TextureCache::end_frame() {
  ++frame_;
  if (!has_opengl()) return;
  for (auto it = textures_.begin(); it != textures_.end();) {
    if (it->second.last_used + frames_kept >= frame_) {
      ++it;
      continue;
    }
    glDeleteTextures(1, &it->second.name);
    it = textures_.erase(it);
  }
}

void TextureCache::clear() {
  if (has_opengl())
    for (auto& [key, texture] : textures_) glDeleteTextures(1, &texture.name);
  textures_.clear();
}

} // namespace plateau::widgets

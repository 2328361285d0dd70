// ImGui without a window: frames are built and thrown away, hands are simulated.
#pragma once

#include <functional>

#include <imgui.h>

#include "widgets/context.h"
#include "widgets/imgui_compat.h"
#include "widgets/test_ids.h"

namespace plateau::test {

class Headless {
public:
  Headless() {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset; // as the OpenGL back end
    io.DisplaySize = {1000, 800};
    io.DeltaTime = 1.f / 60;
    context.apply(widgets::dark_theme(), 1);
    unsigned char* pixels;
    int width, height;
#if IMGUI_VERSION_NUM < 19200
    io.Fonts->GetTexDataAsRGBA32(&pixels, &width, &height);
#else
    io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures;
    (void)pixels, (void)width, (void)height;
#endif
    widgets::simulate::mouse_position({-1000, -1000});
  }
  ~Headless() {
    context.textures.clear();
    ImGui::DestroyContext();
  }

  /// One frame with a borderless window over the whole display.
  void frame(const std::function<void()>& contents) {
    ImGui::NewFrame();
    widgets::test_ids::begin_frame();
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize({1000, 800});
    ImGui::Begin("window", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove);
    contents();
    ImGui::End();
    ImGui::Render();
  }

  widgets::Context context;
};

} // namespace plateau::test

# Finds every library that Plateau uses. Each comes from a Debian package named in ../packages.txt.

find_package(Torch REQUIRED)
# The ABI flag belongs to every target, tests included.
string(REPLACE " " ";" PLATEAU_TORCH_FLAGS "${TORCH_CXX_FLAGS}")
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:${PLATEAU_TORCH_FLAGS}>")

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(ImGui REQUIRED)
pkg_check_modules(cairo REQUIRED IMPORTED_TARGET cairo)
pkg_check_modules(cairo_ft REQUIRED IMPORTED_TARGET cairo-ft freetype2)
pkg_check_modules(harfbuzz REQUIRED IMPORTED_TARGET harfbuzz-subset)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(minizip REQUIRED IMPORTED_TARGET minizip)
pkg_check_modules(highway REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(openblas REQUIRED IMPORTED_TARGET openblas)
find_package(OpenMP REQUIRED COMPONENTS CXX) # comes with the compiler
find_package(OneDNN REQUIRED) # the one that Debian's LibTorch uses, too
find_package(glfw3 REQUIRED)
find_package(OpenGL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
include(Glad)

# LibTorch's own archives export parts of another oneDNN, and two in one program get in each other's way: products
# fail. Then OpenBLAS computes all of them.
get_target_property(PLATEAU_TORCH_CPU torch_cpu LOCATION)
include(CheckCXXSourceRuns)
set(CMAKE_REQUIRED_LIBRARIES -Wl,--no-as-needed,--unresolved-symbols=ignore-in-shared-libs ${PLATEAU_TORCH_CPU}
                             OneDNN::dnnl)
check_cxx_source_runs("
  #include <oneapi/dnnl/dnnl.h>
  int main() {
    float a[64] = {}, c[64];
    return dnnl_sgemm('N', 'N', 8, 8, 8, 1, a, 8, a, 8, 0, c, 8) != dnnl_success;
  }" PLATEAU_ONEDNN_WORKS)
unset(CMAKE_REQUIRED_LIBRARIES)

# LibTorch's own archives hold the headers of some of these libraries, too, in other versions: what the program is
# linked with must be found first.
function(plateau_prefer folder target)
  set(first ${PROJECT_BINARY_DIR}/third_party/first)
  foreach(torch_headers IN LISTS TORCH_INCLUDE_DIRS)
    if(EXISTS ${torch_headers}/${folder})
      get_target_property(headers ${target} INTERFACE_INCLUDE_DIRECTORIES)
      list(GET headers 0 headers)
      file(MAKE_DIRECTORY ${first})
      file(CREATE_LINK ${headers}/${folder} ${first}/${folder} SYMBOLIC)
      include_directories(BEFORE SYSTEM ${first})
    endif()
  endforeach()
endfunction()
plateau_prefer(fmt fmt::fmt)

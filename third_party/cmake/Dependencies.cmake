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
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(highway REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(openblas REQUIRED IMPORTED_TARGET openblas)
find_package(OpenMP REQUIRED COMPONENTS CXX) # comes with the compiler
find_package(OneDNN REQUIRED) # the one that LibTorch uses, too
find_package(glfw3 REQUIRED)
find_package(OpenGL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
include(Glad)

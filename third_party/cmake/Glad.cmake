# Generates the OpenGL loader with Debian's python3-glad, offline, at configure time.
set(GLAD_DIR ${PROJECT_BINARY_DIR}/third_party/glad)
if(NOT EXISTS ${GLAD_DIR}/src/gl.c)
  find_program(GLAD_GENERATOR glad REQUIRED)
  execute_process(COMMAND ${GLAD_GENERATOR} --reproducible --quiet --api gl:core=3.3 --out-path ${GLAD_DIR} c
                  COMMAND_ERROR_IS_FATAL ANY)
endif()
add_library(glad STATIC ${GLAD_DIR}/src/gl.c)
target_include_directories(glad SYSTEM PUBLIC ${GLAD_DIR}/include)
target_link_libraries(glad PUBLIC ${CMAKE_DL_LIBS})

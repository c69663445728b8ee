/* SPDX-License-Identifier: Apache-2.0 */
/* What the C tests share. */
#ifndef CHECK_H
#define CHECK_H

#include <depthcloud/depthcloud.h>

/* Counts and tells what does not hold. */
#define CHECK(condition) check_that((condition) != 0, #condition, __FILE__, __LINE__)
/* The call fails with this status and a message that holds the word; err is filled in. */
#define CHECK_FAILS(call, status, word) \
  check_fails((call), (status), (word), #call, __FILE__, __LINE__)
/* A call that must succeed, or the test ends here. */
#define REQUIRE(call) require_ok((call), #call, __FILE__, __LINE__)

/* Every call of the tests is given this one. */
extern dcl_error err;

void check_that(int holds, const char* condition, const char* file, int line);
void check_fails(dcl_status got, dcl_status expected, const char* word, const char* call,
                 const char* file, int line);
dcl_status require_ok(dcl_status status, const char* call, const char* file, int line);

/* "constant" as asked for, its pipeline, the sample photo and one small image. */
dcl_model* open_constant(const char* source);
dcl_pipeline* create_pipeline(dcl_model* model, const dcl_pipeline_options* options);
const void* photo(size_t* size);
dcl_image_view small_image(void);
/* A plane at 2, of the small image's size. */
dcl_depth_view small_depth(void);
/* A path in the test's own folder; the text is overwritten by the next call. */
const char* out_path(const char* name);
int file_exists(const char* path);
void pause_ms(long ms);

/* The tests; main.c runs one by name. */
void test_library(void);
void test_structs(void);
void test_nulls(void);
void test_photo(void);
void test_model(void);
void test_pipeline(void);
void test_cloud(void);
void test_wire(void);
void test_gate(void);
void test_stream(void);
void test_latency(void);
void test_video(void);
void test_threads(void);
void test_memory(void);
void test_views(void);

/* Fails the allocation after `count` more of C++'s operator new; negative: none. How many failed.
 */
void fail_allocation_after(long count);
long failed_allocations(void);

#endif

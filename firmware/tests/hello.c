// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The C library works: formatted output, static data, thread-local errno, the heap.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int initialized = 42;
static int zeroed;

int main(void) {
  printf("hello, %d %d %s %.3f\n", initialized, zeroed, "world", 2.5);
  errno = 7;
  char *text = malloc(100);
  strcpy(text, "from the heap");
  printf("%s, errno %d\n", text, errno);
  free(text);
  return 3;
}

/* buffer.h

   A buffer of lines that several processes share. bounded_buffer.c uses it; you write it, in
   buffer.c. What each function must do is told in README.md.
*/
#ifndef BUFFER_H
#define BUFFER_H

#include <stdbool.h>

enum { LINE_SIZE = 64 }; /* A line: at most 62 characters, a newline and a NUL */

struct buffer; /* What is in it is yours to say */

/* Called in the parent, before it has any children. NULL: it cannot be made; errno tells why. */
struct buffer *buffer_make(int capacity);

/* Called in the producers: wait for room, and put a line in. False: failed; errno tells why. */
bool buffer_put(struct buffer *buffer, const char line[LINE_SIZE]);

/* Called in the consumers: wait for a line, and take the oldest one out. 1: here it is; 0: the
   buffer is closed and empty; -1: failed; errno tells why. */
int buffer_take(struct buffer *buffer, char line[LINE_SIZE]);

/* Called in the parent when no producer is left: no more lines will come. Does not wait. */
bool buffer_close(struct buffer *buffer);

/* Called in the parent when no child is left: remove whatever buffer_make() has made. */
void buffer_destroy(struct buffer *buffer);

#endif

/* table.h

   A round table, at which philosophers (processes) share forks with their neighbours.
   philosophers.c uses it; you write it, in table.c. What each function must do is told in
   README.md.
*/
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>

struct table; /* What is in it is yours to say */

/* Called in the parent, before it has any children: lay a table for n philosophers, 0 to n - 1.
   NULL: it cannot be made; errno tells why. */
struct table *table_make(int n);

/* Called in philosopher i: wait until both forks are there, and take them. False: failed. */
bool table_take_forks(struct table *table, int i);

/* Called in philosopher i: put both forks down. False: failed. */
bool table_put_forks(struct table *table, int i);

/* Called in the parent when no child is left: remove whatever table_make() has made. */
void table_destroy(struct table *table);

#endif

/* Right: semop() takes both forks or none, so five philosophers do not starve. */
#include "../u.h"

int main(void)
{
    int *meals = shared(5 * sizeof *meals), set = semaphores(5, 1);
    for (int i = 0; i < 5; i++)
        if (fork() == 0) {
            unsigned short left = (unsigned short)i, right = (unsigned short)((i + 1) % 5);
            struct sembuf take[] = {{left, -1, 0}, {right, -1, 0}};
            struct sembuf give[] = {{left, 1, 0}, {right, 1, 0}};
            semop(set, take, 2);
            meals[left]++;
            meals[right]++;
            semop(set, give, 2);
            _exit(0);
        }
    int status = reap(), sum = 0;
    for (int i = 0; i < 5; i++)
        sum += meals[i];
    remove_set(set);
    return status || sum != 10;
}

/*
 * Preloaded into the ranks of a program, it writes each buffer that they send into a file of its
 * own, MPI_DUMP/RANK-NUMBER. The program sends with MPI_Isend() alone, which federate_mpi.t makes
 * sure of.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int MPI_Isend(const void *data, int n, MPI_Datatype type, int to, int tag, MPI_Comm world,
              MPI_Request *request)
{
    static int number;
    char path[4096];
    int rank, size;
    PMPI_Comm_rank(world, &rank);
    PMPI_Type_size(type, &size);
    snprintf(path, sizeof(path), "%s/%d-%06d", getenv("MPI_DUMP"), rank, number++);
    FILE *file = fopen(path, "wb");
    const size_t length = (size_t)n * (size_t)size;
    if (!file || fwrite(data, 1, length, file) != length || fclose(file) != 0)
        abort();
    return PMPI_Isend(data, n, type, to, tag, world, request);
}

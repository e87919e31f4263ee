import { statfs } from 'node:fs/promises';
import os from 'node:os';

const MiB = 2 ** 20;

/** What the settings are scaled to; see {@link machine}. */
export interface Machine {
  /** Bytes of memory this process may use, container limit included. */
  memory: number;
  /** Processors this process may use. */
  cores: number;
  /** Bytes of `/dev/shm`, 0 where there is none. */
  sharedMemory: number;
}

/** The machine as this process may use it. */
export async function machine(): Promise<Machine> {
  const limit = process.constrainedMemory();
  const shm = await statfs('/dev/shm').catch(() => undefined);
  return {
    memory: limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem(),
    cores: os.availableParallelism(),
    sharedMemory: shm ? shm.bsize * shm.blocks : 0,
  };
}

/**
 * Settings of the embedded server, by their names in postgresql.conf.
 *
 * @param durable `false` trades safety against power loss for speed: for databases that live as long as a test run.
 */
export function serverSettings({ memory, cores, sharedMemory }: Machine, durable: boolean): Record<string, string> {
  const share = (part: number, least: number, most: number) =>
    `${Math.round(Math.min(most, Math.max(least, (memory * part) / MiB)))}MB`;
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: durable ? '60' : '200',
    shared_buffers: share(0.2, 64, durable ? 4096 : 256),
    effective_cache_size: share(0.55, 128, 262_144),
    work_mem: share(0.004, 4, 32),
    maintenance_work_mem: share(0.05, 32, 1024),
    max_wal_size: share(0.5, 512, 4096),
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    random_page_cost: '1.1',
    effective_io_concurrency: '64',
    jit: 'off',
    max_parallel_workers_per_gather: String(Math.min(2, cores - 1)),
    // After a large load two indexes are built at the same time; helpers beyond the cores only cost.
    max_parallel_maintenance_workers: String(Math.min(2, Math.max(0, Math.floor(cores / 2) - 1))),
    // Containers often give 64 MB of /dev/shm, on which a parallel query fails for want of space.
    dynamic_shared_memory_type: sharedMemory < 256 * MiB ? 'mmap' : 'posix',
    default_statistics_target: '500',
    gin_pending_list_limit: '16MB',
    autovacuum_vacuum_insert_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
    idle_in_transaction_session_timeout: '10min',
    log_min_duration_statement: '1s',
    // Bound values are people's names and addresses: they do not belong in a log.
    log_parameter_max_length: '0',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
}

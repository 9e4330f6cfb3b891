/** What the peers need: their packages beside them, and Debian's redis-server. Both are fetched on first use. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const HERE = import.meta.dirname

/** Installs the packages of bench/peers/package.json unless they are there. */
export async function peersInstalled(): Promise<void> {
  if (existsSync(join(HERE, 'node_modules'))) return
  console.error('Installing the packages of bench/peers …')
  await run('npm', ['install', '--no-progress', '--ignore-scripts'], { cwd: HERE })
}

/** Whether there is a Redis server, or one could be installed: by root, on Debian. */
export async function hasRedis(): Promise<boolean> {
  if (await isRedisThere()) return true
  if (process.getuid?.() !== 0) return false
  console.error('Installing redis-server …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], { env }).catch(() => null)
  return isRedisThere()
}

/** Starts a Redis of its own on a free loopback port, with every write in its append-only file. */
export async function startRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  if (!(await hasRedis())) throw new Error('there is no redis-server (apt-get install redis-server)')
  const directory = await mkdtemp(join(tmpdir(), 'tandem-bench-redis-'))
  const port = await freePort()
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    directory,
    '--save',
    '',
    '--appendonly',
    'yes',
  ]
  const redis = spawn('redis-server', settings, { stdio: 'ignore' })
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const ended = once(redis, 'exit')
      redis.kill()
      await ended
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function isRedisThere(): Promise<boolean> {
  return run('redis-server', ['--version']).then(
    () => true,
    () => false,
  )
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** The servers of a test file: started before its tests, stopped after them. */
import { afterAll, beforeAll } from 'vitest'
import { startServer, type Server, type ServerSettings } from './server.ts'

/** A server for the whole file. Its fields may be read once the tests run. */
export function useServer(settings: ServerSettings = {}): Server {
  let server: Server | undefined
  const started = (): Server => {
    if (server === undefined) throw new Error('the server is not started yet')
    return server
  }
  beforeAll(async () => void (server = await startServer(settings)))
  afterAll(() => server?.stop())
  return {
    get origin() {
      return started().origin
    },
    printed: () => started().printed(),
    restart: () => started().restart(),
    kill: () => started().kill(),
    stop: () => started().stop(),
  }
}

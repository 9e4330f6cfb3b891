/** Which subjects can be had on this machine. */
import { hasRedis } from '../peers/install.ts'
import type { Plan } from '../measure/rounds.ts'
import type { SubjectName } from '../subjects.ts'

const WITH_REDIS: readonly SubjectName[] = ['ws-redis', 'socketio']

/** The subjects without those that need a Redis where there is none, which is said. */
export async function withoutMissing(names: readonly SubjectName[], { say }: Plan): Promise<SubjectName[]> {
  if (!names.some((name) => WITH_REDIS.includes(name)) || (await hasRedis())) return [...names]
  say('There is no redis-server here (apt-get install redis-server), so the peers on Redis are left out.')
  return names.filter((name) => !WITH_REDIS.includes(name))
}

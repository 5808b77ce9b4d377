// The 235 MB that copies and bundles are measured with: one large image, fifty small ones that share layers, a signed index of five platforms.
import { openRegistries } from '@chartferry/core/oci'
import { noise, pushImage, pushSignedIndex } from '../kit/images.ts'

const MB = 1_000_000

/** The repositories of the set; each has the tag `v1`. */
export const names: readonly string[] = ['big', ...Array.from({ length: 50 }, (_, number) => `small${number}`), 'multi']

/** Pushes the set to a registry. */
export async function fill(host: string): Promise<void> {
  const registries = openRegistries()
  const open = (name: string): ReturnType<typeof registries.repository> => registries.repository(`${host}/${name}`)
  await pushImage(open('big'), {
    tag: 'v1',
    layers: [noise('a', 120 * MB), noise('b', 60 * MB), noise('c', 20 * MB)],
  })
  const shared = [noise('s1', 3 * MB), noise('s2', 2 * MB), noise('s3', MB)]
  for (const name of names.filter((text) => text.startsWith('small')))
    await pushImage(open(name), { tag: 'v1', layers: [...shared, noise(name, 0.3 * MB)] })
  await pushSignedIndex(open('multi'), 'v1', { layerSize: 2.5 * MB })
  await registries.close()
}

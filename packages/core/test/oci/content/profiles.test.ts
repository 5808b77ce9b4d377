import { afterEach, describe, expect, it } from 'vitest'
import { startRegistry, type TestRegistry } from '../../../../../test/kit/registry.ts'
import { isChartferryError } from '../../../src/errors.ts'
import { openRegistries } from '../../../src/oci/client/registries.ts'
import { profileOf } from '../../../src/oci/content/profiles.ts'

describe('profileOf', () => {
  it.each([
    ['docker.io', 'Docker Hub'],
    ['quay.io', 'Quay'],
    ['123456789012.dkr.ecr.eu-central-1.amazonaws.com', 'Amazon ECR'],
    ['eu.gcr.io', 'Google Container Registry'],
    ['gcr.io', 'Google Container Registry'],
    ['europe-west3-docker.pkg.dev', 'Google Artifact Registry'],
    ['harbor.corp', 'registry'],
    ['docker.io.evil.net', 'registry'],
  ])('knows %s as %s', (host, name) => expect(profileOf(host).name).toBe(name))

  it('says what must be created', () => {
    expect(profileOf('123456789012.dkr.ecr.eu-central-1.amazonaws.com').whenMissing('mirror/app')).toContain(
      'aws ecr create-repository --repository-name mirror/app',
    )
    expect(profileOf('europe-west3-docker.pkg.dev').whenMissing('shop/images/app')).toContain(
      'gcloud artifacts repositories create images --project shop',
    )
    expect(profileOf('docker.io').whenDenied('acme/app', 'docker.io')).toContain('member of acme')
    expect(profileOf('harbor.corp').whenMissing('project/app')).toContain('project project')
  })
})

describe('names that a registry cannot have', () => {
  it.each([
    ['docker.io/acme/team/app', 'Docker Hub takes names of 2 components'],
    ['europe-west3-docker.pkg.dev/shop/app', 'Google Artifact Registry takes names of 3 or more components'],
    ['quay.io/app', 'Quay takes names of 2 or more components'],
  ])('are refused before anything is asked: %s', async (name, words) => {
    const registries = openRegistries()
    await expect(registries.repository(name).preflight?.()).rejects.toThrow(words)
    await registries.close()
  })
})

describe('a registry that creates nothing on push', () => {
  let registry: TestRegistry
  afterEach(() => registry.close())

  it.each(['ecr', 'harbor'] as const)('is understood in the words of %s', async (mustExist) => {
    registry = await startRegistry({ mustExist })
    const registries = openRegistries()
    const thrown: unknown = await registries
      .repository(`${registry.host}/project/app`)
      .preflight?.()
      .catch((error: unknown) => error)
    expect(isChartferryError(thrown, 'TARGET_MISSING') && thrown.message).toContain('project')
    await registries.close()
  })
})

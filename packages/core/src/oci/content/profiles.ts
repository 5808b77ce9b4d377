// What is peculiar to the registries that people use: how deep names may be, and what must be created before a push.

/** What is known of the registry at a host. */
export interface RegistryProfile {
  readonly name: string
  /** Components of a path: the least and the most. */
  readonly depth: readonly [least: number, most: number]
  /** What to do where a repository or its project is missing. */
  readonly whenMissing: (repository: string) => string
  /** What to do where pushing is refused. */
  readonly whenDenied: (repository: string, host: string) => string
}

const anyDepth = [1, Number.POSITIVE_INFINITY] as const
const login = (host: string): string => `Log in with an account that may push: chartferry login ${host}`
const firstOf = (repository: string): string => repository.split('/')[0] ?? repository

const plain: RegistryProfile = {
  name: 'registry',
  depth: anyDepth,
  whenMissing: (repository) =>
    `Create the project or repository first: with Harbor the project ${firstOf(repository)}, else ${repository}. --create-repository COMMAND does so for each.`,
  whenDenied: (repository, host) => `${login(host)}. With Harbor the project ${firstOf(repository)} must exist.`,
}

const profiles: readonly (readonly [pattern: RegExp, profile: RegistryProfile])[] = [
  [
    /^((registry-1|index)\.)?docker\.io$/,
    {
      name: 'Docker Hub',
      depth: [2, 2],
      whenMissing: (repository) => `Create the organisation ${firstOf(repository)} at Docker Hub first.`,
      whenDenied: (repository, host) => `${login(host)}; it must be a member of ${firstOf(repository)}.`,
    },
  ],
  [
    /^quay\.io$/,
    {
      name: 'Quay',
      depth: [2, Number.POSITIVE_INFINITY],
      whenMissing: (repository) => `Create the organisation ${firstOf(repository)} at Quay first.`,
      whenDenied: (repository, host) =>
        `${login(host)}; the organisation ${firstOf(repository)} must exist, and a robot needs the right to create repositories.`,
    },
  ],
  [
    /^\d+\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/,
    {
      name: 'Amazon ECR',
      depth: anyDepth,
      whenMissing: (repository) =>
        `ECR creates no repositories on push: aws ecr create-repository --repository-name ${repository} (or --create-repository COMMAND for all of them)`,
      whenDenied: (_repository, host) =>
        `Tokens of ECR end after 12 hours: aws ecr get-login-password | chartferry login ${host} -u AWS --password-stdin`,
    },
  ],
  [
    /^([a-z0-9-]+\.)?gcr\.io$/,
    {
      name: 'Google Container Registry',
      depth: [2, Number.POSITIVE_INFINITY],
      whenMissing: (repository) => `Create the Google Cloud project ${firstOf(repository)} and switch its registry on.`,
      whenDenied: (_repository, host) =>
        `Log in: gcloud auth print-access-token | chartferry login ${host} -u oauth2accesstoken --password-stdin`,
    },
  ],
  [
    /^[a-z0-9-]+-docker\.pkg\.dev$/,
    {
      name: 'Google Artifact Registry',
      depth: [3, Number.POSITIVE_INFINITY],
      whenMissing: (repository) => {
        const [project = '', name = ''] = repository.split('/')
        return `Create the repository first: gcloud artifacts repositories create ${name} --project ${project} --repository-format docker`
      },
      whenDenied: (_repository, host) =>
        `Log in: gcloud auth print-access-token | chartferry login ${host} -u oauth2accesstoken --password-stdin`,
    },
  ],
]

/**
 * What is known of a host; of one that is not known, what holds for the distribution registry, Harbor and their like.
 */
export function profileOf(host: string): RegistryProfile {
  return profiles.find(([pattern]) => pattern.test(host))?.[1] ?? plain
}

"""The `docker` sandbox: one container a submission, on any engine that DOCKER_HOST reaches."""

"""What holds for every endpoint: said once here, so that a resource's file says only its own."""

"""What a release keeps and is judged by: this project's, not the gate's."""
